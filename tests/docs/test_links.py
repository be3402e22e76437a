"""Links that lead somewhere, and verbs that exist."""

import re
from urllib.parse import unquote


def test_links_lead_to_what_exists(document):
    missing = [link for link in document.links() if not exists(document, *unquote(link).split("#", 1))]
    assert missing == []


def exists(document, path, anchor=""):
    target = document.path.parent / path if path else document.path
    if anchor and target.suffix == ".md":
        return target.exists() and anchor in type(document)(target).anchors()
    return target.exists()


def test_verbs_of_make_exist(document, request):
    makefile = (request.config.rootpath / "Makefile").read_text()
    verbs = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    named = re.findall(r"\bmake ((?:[A-Za-z]+=\S* )*)([a-z][a-z0-9-]*)(?![\w=])", document.code())
    assert sorted({verb for _, verb in named} - verbs) == []
