"""Links: remembered, yet always those of this request."""

import re

import pytest


@pytest.mark.parametrize("prefix", ["", "/blog", "/other/place"])
def test_links_carry_the_prefix_of_each_request(author, reader, prefix):
    author.write("Hello there")
    for given in ("", prefix, "/third"):
        page = reader.get("/", headers={"X-Forwarded-Prefix": given}).text
        assert f'href="{given}/posts/hello-there"' in page
        assert not re.search(rf'href="(?!{given}/|http|#|\?)', page)


def test_links_follow_a_rename(author, reader, post_id):
    author.write("Before")
    assert "/posts/before" in reader.get("/").text
    author.post(f"/{post_id('Before')}/update", {"title": "After"})
    page = reader.get("/").text
    assert "/posts/after" in page
    assert "/posts/before" not in page


def test_absolute_links_name_the_host_of_each_request(author, reader):
    for host in ("one.test", "two.test"):
        assert f"http://{host}/" in reader.get("/", headers={"Host": host}).text
