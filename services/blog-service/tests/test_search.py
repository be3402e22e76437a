"""Search, the archive and the sitemap."""

import re
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa

from blog_service.posts import mysql_search, shelves


def _found(reader, text, **options):
    return reader.get("/search", query_string={"q": text, **options}).text


@pytest.fixture
def library(author):
    author.write("Grey Okapi", "It lives in the **rainforest**.", tags="savanna")
    author.write("Zebra", "Stripes like the okapi's.", tags="herd")
    author.write("Café", "Überall gibt es Bücher.")
    return author


@pytest.mark.parametrize(
    ("text", "titles"),
    [
        ("okapi", {"Grey Okapi", "Zebra"}),
        ("OKAPI grey", {"Grey Okapi"}),
        ("rainf", {"Grey Okapi"}),
        ("herd", {"Zebra"}),
        ("bücher", {"Café"}),
        ("café", {"Café"}),
        ("okapi lion", set()),
        ("", set()),
        ('"', set()),
    ],
)
def test_all_words_are_found_in_title_body_and_tags(library, reader, text, titles):
    page = _found(reader, text)
    assert {title for title in ("Grey Okapi", "Zebra", "Café") if f">{title}</a>" in page} == titles


@pytest.mark.parametrize(
    "text",
    [
        "*",
        '"',
        "a AND",
        "NOT b",
        "+-><()~*@",
        "title:x",
        "{a b}",
        "NEAR(a b)",
        "';--",
        "\x00",
        "x" * 5000,
        "𓀀",
    ],
)
def test_operators_are_ordinary_text(library, reader, text):
    for word in (text, f"okapi{text}", f"{text} okapi"):
        assert reader.get("/search", query_string={"q": word}).status_code == 200


def test_search_follows_edits_and_deletions(library, reader, post_id):
    number = post_id("Zebra")
    library.post(f"/{number}/update", {"title": "Lion", "body": "A mane."})
    assert "Zebra" not in _found(reader, "stripes")
    assert "Lion" in _found(reader, "mane")
    library.post(f"/{number}/delete")
    assert "Lion" not in _found(reader, "mane")


def test_pages_of_results_keep_the_query(author, reader):
    for number in range(25):
        author.write(f"Okapi {number}", tags="x")
    page = _found(reader, "okapi")
    assert page.count('<article class="entry">') == 20
    older = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    page = reader.get(f"/search{older}").text
    assert page.count('<article class="entry">') == 5
    assert "?q=okapi" in page


def test_results_that_the_reader_has_are_304(library, reader):
    etag = reader.get("/search?q=okapi").headers["ETag"]
    assert reader.get("/search?q=okapi", headers={"If-None-Match": etag}).status_code == 304
    assert reader.get("/search?q=zebra", headers={"If-None-Match": etag}).status_code == 200


def test_mysql_is_asked_only_for_what_it_indexes():
    words = ["to", "be", "or", "not", "grey", "okapi", "s", "www"]
    indexed = mysql_search.indexed(words)
    assert mysql_search.words_anywhere(indexed) == "+not* +grey* +okapi*"
    assert mysql_search.words_on(["0_new", "0_9_0"], indexed[:1]) == "+(0_new_not* 0_9_0_not*)"
    assert mysql_search.indexed(["the", "of", "it"]) == []


@pytest.mark.parametrize(
    "before", [" ", "\n", "\t", "(", "**", "`", "[", '"', "'", "#", "/", "\u201c", "«", "—", "…", "\xa0"]
)
def test_word_is_on_its_shelf_whatever_is_before_it(author, reader, monkeypatch, before):
    author.write("one", f"x{before}okapi")
    monkeypatch.setattr(mysql_search, "words_anywhere", lambda _: pytest.fail("all posts were asked"))
    assert reader.get("/search?q=okapi").text.count('class="entry"') == 1


def test_archive_has_the_posts_of_one_month(author, reader):
    for title, moment in {
        "first": "2020-02-01T00:00:00Z",
        "last": "2020-02-29T23:59:59Z",
        "next": "2020-03-01T00:00:00Z",
        "january": "2020-01-31T23:59:59Z",
    }.items():
        author.write(title, publish_at=moment)
    page = reader.get("/archive/2020/02").text
    assert "Posts of <em>February 2020</em>" in page
    assert [word for word in ("first", "last", "next", "january") if f">{word}</a>" in page] == [
        "first",
        "last",
    ]
    assert 'href="/archive/2020/3"' in page
    assert 'href="/archive/2020/2"' in reader.get("/posts/first").text
    assert "2021" in reader.get("/archive/2020/12").text


@pytest.mark.parametrize(
    "path", ["/archive/2020/0", "/archive/2020/13", "/archive/20200/1", "/archive/x/1", "/archive/2020"]
)
def test_month_that_is_none_is_404(reader, path):
    assert reader.get(path).status_code == 404


def test_sitemap_has_what_everybody_may_see(author, reader):
    author.write("One & two")
    author.write("hidden", status="draft")
    answer = reader.get("/sitemap.xml")
    assert answer.headers["Content-Type"].startswith("application/xml")
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    places = [place.text for place in ElementTree.fromstring(answer.text).iter(f"{space}loc")]  # noqa: S314 - our own
    assert places == ["http://localhost/", "http://localhost/posts/one-two"]
    assert reader.get("/sitemap.xml", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_deep_page_starts_in_the_index_and_not_at_the_top(app, author, reader):
    for number in range(3):
        author.write(f"post {number}", publish_at=f"2020-01-0{number + 1}T00:00:00Z")
    bound = []

    def note(_connection, _cursor, _statement, parameters, *_):
        values = parameters.values() if isinstance(parameters, dict) else parameters
        bound.append([str(value)[:10] for value in values])

    sa.event.listen(app.extensions["blog_engine"], "before_cursor_execute", note)
    page = reader.get("/?before=2020-01-02T00:00:00.000000Z_1").text
    assert page.count('<article class="entry">') == 1
    # Where it begins, and nowhere a later moment: not even now.
    assert {value for value in bound[0] if re.match(r"\d{4}-", value)} == {"2020-01-02"}


def test_cursor_in_the_future_shows_nothing_hidden(author, reader):
    author.write("later", publish_at="2998-01-01T00:00:00Z")
    author.write("now")
    page = reader.get("/?before=2999-01-01T00:00:00.000000Z_1").text
    assert ">now</a>" in page
    assert ">later</a>" not in page
    assert ">later</a>" not in reader.get("/search?q=later&before=2999-01-01T00:00:00.000000Z_999").text


@pytest.mark.parametrize("endings", [3, 30])
def test_word_goes_on_however_many_words_it_goes_on_to(author, reader, endings):
    for number in range(endings):
        author.write(f"Post {number}", f"gecko{number:02}")
    author.write("Café", "geckŏ")
    page = reader.get("/search?q=gecko").text
    assert page.count('class="entry"') == min(endings + 1, 20)
    assert "Café" in page
    assert "Café" in reader.get("/search?q=cafe+gecko").text
    assert reader.get("/search?q=gecko02").text.count('class="entry"') == 1
    assert "No post has all of these words." in reader.get("/search?q=geckos").text


@pytest.fixture
def small_shelves(monkeypatch):
    """Shelves of 2 posts, of which 4 are asked at once, for a test has few."""
    monkeypatch.setattr(shelves, "_BITS", 1)
    monkeypatch.setattr(mysql_search, "_FIRST", 1)
    monkeypatch.setattr(mysql_search, "_NEXT", 4)
    monkeypatch.setattr(mysql_search, "_MOST", 8)


@pytest.mark.usefixtures("small_shelves")
def test_search_gives_all_posts_newest_first_however_few_have_a_word(author, reader, rows):
    titles = [f"Post {number:02}" for number in range(30)]
    for number, title in enumerate(titles):
        words = [word for step, word in ((1, "always"), (5, "seldom"), (28, "twice")) if number % step == 0]
        author.write(title, " ".join(words))
    rows("UPDATE post SET shelf = '0_new' WHERE title IN ('Post 00', 'Post 20', 'Post 29')")

    def found(query):
        return re.findall(r">(Post \d\d)</a>", reader.get(f"/search{query}").text)

    first = reader.get("/search?q=always").text
    older = re.search(r'rel="next" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert found("?q=always") + found(older) == titles[::-1]
    assert found("?q=seldom") == titles[25::-5]
    assert found("?q=twice") == ["Post 28", "Post 00"]
    assert found("?q=alw+seld") == titles[25::-5]
    assert found("?q=never") == []
    assert found(f"?q=always&before=2999-01-01T00:00:00.000000Z_{2**31 - 1}") == titles[:9:-1]
