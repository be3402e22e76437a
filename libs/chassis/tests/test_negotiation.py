import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._negotiation import best_match

OFFERS = ("text/plain", "application/json", "text/html", "application/xml")
RFC_EXAMPLE = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, text/plain;format=fixed;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        # absent, blank or malformed: the server's favourite
        (None, "text/plain"),
        ("", "text/plain"),
        ("  ,, \t", "text/plain"),
        ("nonsense", "text/plain"),
        ("text/html;q=high", "text/plain"),
        ("text/html;q=1.5", "text/plain"),
        ("text/html;q=-1", "text/plain"),
        ("text/html;q=0.1234", "text/plain"),
        ("text/html;q=", "text/plain"),
        ("*/html", "text/plain"),
        ("text/html application/json", "text/plain"),
        ("text/html, @", "text/plain"),
        ("text /html", "text/plain"),
        ("text/html\x00", "text/plain"),
        ("<script>", "text/plain"),
        # exact
        ("text/html", "text/html"),
        ("TEXT/HTML", "text/html"),
        ("  text/html  ", "text/html"),
        (",,text/html,,", "text/html"),
        ("image/png", None),
        ("image/png, text/html", "text/html"),
        # wildcards and the order of the offers
        ("*/*", "text/plain"),
        ("application/*", "application/json"),
        ("image/*", None),
        ("text/html, application/json", "application/json"),
        # weights
        ("text/html;q=0.8, application/json;q=0.9", "application/json"),
        ("text/html; q=0.9 , application/json ;q=0.8", "text/html"),
        ("text/html;Q=0.001", "text/html"),
        ("text/html;q=1.", "text/html"),
        ("text/html;q=1.000, application/json;q=0.999", "text/html"),
        ("text/html;q=0", None),
        ("text/html;q=0.000", None),
        ("*/*;q=0", None),
        # the most specific range decides
        ("*/*, text/plain;q=0", "application/json"),
        ("text/*;q=0, */*", "application/json"),
        ("text/*;q=0.1, text/html", "text/html"),
        ("*/*;q=1, application/json;q=0.1, text/plain;q=0.2", "text/html"),
        ("text/html;q=0, text/*", "text/plain"),
        ("text/*, text/plain;q=0.5", "text/html"),
        # parameters
        ("text/html;level=1", None),
        ("text/html;level=1, application/json;q=0.1", "application/json"),
        ("text/html;level=1, text/html;q=0.4, application/json;q=0.3", "text/html"),
        ("text/html;charset=utf-8", "text/html"),
        ('text/html; charset="iso-8859-1"; q=0.9, application/json;q=0.1', "text/html"),
        ("text/html;charset=utf-8;level=1", None),
        ("text/html;;q=0.5", "text/html"),
        ("text/html;q=0.5;ext=1, application/json;q=0.4", "text/html"),
        ('text/html;x="a,b;q=0", application/json', "application/json"),
        ('text/html;x="open, application/json', "text/plain"),
        ("*/*;level=1", None),
        # clients of today
        (
            "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
            "text/html",
        ),
        ("application/json, text/plain, */*", "text/plain"),
        ("application/signed-exchange;v=b3;q=0.7, text/html", "text/html"),
    ],
)
def test_choice(accept, chosen):
    assert best_match(accept, OFFERS) == chosen


@pytest.mark.parametrize(
    ("offer", "other", "chosen"),
    [
        ("text/plain;format=flowed", "text/plain", "text/plain;format=flowed"),
        ("text/plain;format=fixed", "text/plain", "text/plain"),
        ("image/jpeg", "text/plain;format=fixed", "image/jpeg"),
        ("text/html", "image/jpeg", "image/jpeg"),
        ("text/html;level=3", "text/html", "text/html;level=3"),
    ],
)
def test_precedence_by_the_example_of_the_standard(offer, other, chosen):
    assert best_match(RFC_EXAMPLE, [offer, other]) == chosen


def test_offer_with_parameters_matches_a_range_with_some_of_them():
    offers = ["application/openmetrics-text;version=1.0.0", "text/plain;version=0.0.4"]
    accept = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
    assert best_match(accept, offers) == offers[0]


def test_parameter_values_may_be_quoted():
    assert (
        best_match('text/plain;format="flowed"', ["text/plain; format=flowed"]) == "text/plain; format=flowed"
    )


def test_no_offers_is_no_choice():
    assert (best_match(None, []), best_match("text/html", [])) == (None, None)


def test_offer_that_is_no_media_type_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="html"):
        best_match("text/html", ["html"])


def test_long_header_is_read_like_a_short_one():
    assert best_match(", ".join(["image/png"] * 5000 + ["text/html"]), OFFERS) == "text/html"


@given(st.text() | st.text(alphabet='texhml/*;q=0.1," \\', max_size=40))
def test_any_header_gives_an_offer_or_none(accept):
    assert best_match(accept, OFFERS) in {*OFFERS, None}


@given(st.permutations([("text/plain", 0.2), ("application/json", 0.8), ("text/html", 0.5)]))
def test_order_in_the_header_does_not_matter(ranges):
    assert best_match(",".join(f"{name};q={weight}" for name, weight in ranges), OFFERS) == "application/json"
