"""Sources and pasted links: what is new comes in once, hostile words stay inert, failures are said (D7, D9, C6, C7)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from threadline.fetching.tests.server import Stranger, stranger
from threadline.house import filing
from threadline.inbound.market import judging, listeners, queries, reading
from threadline.inbound.market.models import Fact, Intel, IntelSource, Polling
from threadline.kernel import rows, verbs
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.members import Member
from threadline.kernel.testing import World, fresh
from threadline.kernel.worker import run_due

FEED = """<rss version="2.0"><channel><title>Rival</title>{}</channel></rss>"""
ITEM = "<item><title>{0}</title><link>https://rival.example/{0}</link><guid>{0}</guid><description>{1}</description></item>"


@pytest.fixture
def far(settings: Any) -> Iterator[Stranger]:
    """A rival's server, which the operator allowed."""
    with stranger() as made:
        settings.FETCH_ALLOWED_HOSTS = frozenset({made.host})
        yield made


def feed(*items: tuple[str, str]) -> str:
    return FEED.format("".join(ITEM.format(*one) for one in items))


def watch(world: World, url: str, **values: Any) -> IntelSource:
    made: IntelSource = world.make("intel_source", url=url, title="Rival news", **values)
    return made


def polled(source: IntelSource) -> Polling:
    return Polling.objects.get(source=source)


def titles(**where: Any) -> list[str]:
    return list(Intel.objects.filter(**where).order_by("pk").values_list("title", flat=True))


def test_new_entries_come_in_once_and_for_the_competitor(world: World, far: Stranger) -> None:
    rival = world.make("competitor", title="Rival")
    far.page("/feed", feed(("two", "Second words"), ("one", "First words")), kind="application/rss+xml", ETag='"1"')
    source = watch(world, far.at("/feed"), competitor=rival.key, importance=3)
    assert reading.look_at(source.pk) == 2
    assert titles() == ["one", "two"]
    first = Intel.objects.get(title="one")
    assert (first.competitor_id, first.importance, first.found_by_id, first.state) == (rival.pk, 3, source.pk, "new")
    assert reading.look_at(source.pk) == 0
    far.page("/feed", feed(("three", "Third things"), ("two", "Second words")), kind="application/rss+xml")
    assert reading.look_at(source.pk) == 1
    assert [h["If-None-Match"] for p, h in far.seen if p == "/feed" and "If-None-Match" in h] == ['"1"', '"1"']


def test_what_did_not_change_is_not_read_again(world: World, far: Stranger) -> None:
    far.page("/feed", feed(("one", "Words")), kind="text/xml", ETag='"1"')
    source = watch(world, far.at("/feed"))
    reading.look_at(source.pk)
    far.page("/feed", b"", status=304)
    assert reading.look_at(source.pk) == 0
    assert polled(source).etag == '"1"'
    assert polled(source).problem == ""


def test_a_page_tells_what_went_and_what_came(world: World, far: Stranger) -> None:
    far.page("/prices", "<h1>Prices</h1><p>Team €29</p><script>1</script>")
    source = watch(world, far.at("/prices"), form="page")
    assert reading.look_at(source.pk) == 0
    far.page("/prices", "<h1>Prices</h1><p>Team €19</p><script>2</script>")
    assert reading.look_at(source.pk) == 1
    body = Intel.objects.get().body
    assert "Gone: Team €29" in body
    assert "New: Team €19" in body
    assert reading.look_at(source.pk) == 0


def test_a_source_that_fails_is_left_longer_and_longer_and_says_why(world: World, far: Stranger) -> None:
    source = watch(world, far.at("/none"), every_hours=1)
    for failures in (1, 2, 3):
        reading.look_at(source.pk)
        seen = polled(source)
        assert seen.failures == failures
        assert seen.next_at - rows.now() > timedelta(hours=2**failures) - timedelta(minutes=1)
    [bad] = queries.health(world.viewer, failing=True)
    assert "no page at this address" in bad.problem
    far.page("/none", feed(("one", "Words")), kind="text/xml")
    reading.look_at(source.pk)
    assert (polled(source).failures, polled(source).problem) == (0, "")
    far.page("/none", "", status=429, Retry_After="86400")
    reading.look_at(source.pk)
    assert polled(source).next_at - rows.now() > timedelta(hours=23)


def test_d7_an_address_that_was_changed_is_judged_anew(world: World, far: Stranger) -> None:
    """D7: a stored address that was changed, or that now leads elsewhere."""
    with stranger() as inside:
        inside.page("/", feed(("secret", "x")), kind="text/xml")
        source = watch(world, far.at("/feed"))
        verbs.update(world.pm, "intel_source", source, {"url": inside.at("/")})
        assert reading.look_at(source.pk) == 0
        assert inside.seen == []
        assert polled(source).problem
        far.page("/feed", "", status=302, Location=inside.at("/"))
        verbs.update(world.pm, "intel_source", source, {"url": far.at("/feed")})
        assert reading.look_at(source.pk) == 0
        assert inside.seen == []


def test_d9_no_password_is_kept_in_an_address(world: World) -> None:
    """D9: a secret inside an address is refused before it is kept."""
    for kind in ("intel_source", "intel", "fact"):
        with pytest.raises(Invalid):
            world.make(kind, url="https://user:MARKER@rival.example/")


def test_a_source_that_asks_not_to_be_read_is_not(world: World, far: Stranger) -> None:
    far.page("/robots.txt", "User-agent: *\nDisallow: /", kind="text/plain")
    far.page("/feed", feed(("one", "x")), kind="text/xml")
    source = watch(world, far.at("/feed"))
    assert reading.look_at(source.pk) == 0
    assert "robots" in polled(source).problem


def test_what_is_watched_for_few_comes_in_for_few(world: World, far: Stranger) -> None:
    far.page("/feed", feed(("one", "x")), kind="text/xml")
    source = watch(world, far.at("/feed"), confidentiality=2)
    reading.look_at(source.pk)
    item = Intel.objects.get()
    assert item.confidentiality == 2
    for who in (world.viewer, world.owner, world.stranger):
        with pytest.raises(NotFound):
            verbs.card(who, item.pk)


def test_a_source_whose_reader_left_says_so(world: World, far: Stranger) -> None:
    source = watch(world, far.at("/feed"), owner="me")
    Member.objects.filter(pk=world.pm.member_id).update(left_at=rows.now())
    assert reading.look_at(source.pk) == 0
    assert "ended" in polled(source).problem


def test_c6_c7_a_strangers_markup_is_words_on_the_page(world: World, far: Stranger) -> None:
    """C6, C7: markup, pictures and pixels from a feed are words, and fetch nothing."""
    bad = (
        "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=https://evil.example/pixel.png&gt;"
        "![x](https://evil.example/p.png) [[F-1]] @product_manager.north &lt;b&gt;bold&lt;/b&gt;"
        " [go](javascript:alert(1))"
    )
    far.page("/feed", feed(("&lt;img src=x onerror=alert(1)&gt;hi", bad)), kind="text/xml")
    feature = world.make("feature")
    source = watch(world, far.at("/feed"))
    reading.look_at(source.pk)
    item = Intel.objects.get()
    client = Client()
    client.force_login(world.user("product_manager"))
    page = client.get(f"/w/north/{item.key}").content.decode()
    inside = page[page.index("<main") : page.index("</main>")]
    assert "evil.example/pixel" not in inside
    assert "<script" not in inside
    assert "<img" not in inside
    assert 'href="javascript' not in inside
    assert 'href="https://evil' not in inside
    assert "bold" in inside
    assert not feature.pk or not verbs.card(world.pm, item.pk).cites.exists()


def test_the_same_page_comes_in_once_however_it_is_written(world: World) -> None:
    first = world.make("intel", title="Prices", url="https://rival.example/prices")
    second = world.make("intel", title="Again", url="http://www.rival.example/prices/?utm_source=x")
    assert (second.state, second.repeats_id) == ("repeat", first.pk)
    hidden = world.make("intel", title="Mine", url="https://rival.example/hidden", confidentiality=2)
    other = world.make("intel", world.owner, title="Theirs", url="https://rival.example/hidden")
    assert (other.state, other.repeats_id) == ("new", None), f"nothing may tell of {hidden.key}"


def test_the_same_story_in_nearly_the_same_words_is_a_repeat(world: World, far: Stranger) -> None:
    said = "Rival cuts the price of its team plan to nineteen euros from December for new customers everywhere"
    far.page("/a", feed(("cut", said)), kind="text/xml")
    far.page("/b", feed(("cut-again", said.replace("everywhere", "in Europe"))), kind="text/xml")
    for path in ("/a", "/b"):
        reading.look_at(watch(world, far.at(path)).pk)
    assert list(Intel.objects.order_by("pk").values_list("state", flat=True)) == ["new", "repeat"]


def test_a_pasted_link_is_read_and_kept_as_text(world: World, far: Stranger) -> None:
    far.page("/news", "<title>Rival raises &amp; rises</title><p>They have €18 million.</p>")
    made = verbs.create(world.pm, "intel", {"url": far.at("/news")})
    run_due()
    item = fresh(made)
    assert item.title == "Rival raises & rises"
    assert "€18 million" in item.body
    [file] = filing.files_of(world.pm, verbs.card(world.pm, item.pk))
    kept = filing.path_of(file).read_text("utf-8")
    assert (file.content_type, far.at("/news") in kept) == ("text/plain", True)
    assert "<p>" not in kept


def test_whoever_may_only_bring_in_gets_the_words_too(world: World, far: Stranger) -> None:
    far.page("/news", "<title>Heard</title><p>Words.</p>")
    made = verbs.create(world.contributor, "intel", {"url": far.at("/news")})
    run_due()
    assert fresh(made).title == "Heard"


def test_a_fact_keeps_the_page_it_was_read_on_each_time_it_reads_differently(world: World, far: Stranger) -> None:
    far.page("/prices", "<p>Team €29</p>")
    made = world.make("fact", title="", aspect="Team", value="€29", url=far.at("/prices"), about="price")
    run_due()
    far.page("/prices", "<p>Team €19</p>")
    verbs.update(world.pm, "fact", made, {"checked_on": rows.now().date() - timedelta(days=1)})
    run_due()
    files = filing.files_of(world.pm, verbs.card(world.pm, made.pk))
    assert ["€29" in filing.path_of(f).read_text("utf-8") for f in files] == [True, False]
    assert fresh(made).revision == 1


def test_due_sources_are_looked_at_each_as_a_job_of_its_own(world: World, far: Stranger) -> None:
    far.page("/feed", feed(("one", "x")), kind="text/xml")
    watch(world, far.at("/feed"))
    paused = watch(world, far.at("/other"), state="paused")
    run_due()
    assert titles() == ["one"]
    assert not Polling.objects.filter(source=paused).exists()
    before = len(far.seen)
    Polling.objects.update(next_at=rows.now() - timedelta(seconds=1))
    listeners.look_at_what_is_due(None)  # type: ignore[arg-type]
    listeners.look_at_what_is_due(None)  # type: ignore[arg-type] # asked for twice, looked at once
    run_due()
    assert len([p for p, _ in far.seen[before:] if p == "/feed"]) == 1


def test_an_item_becomes_a_fact_with_its_source(world: World) -> None:
    rival = world.make("competitor", title="Rival")
    item = world.make("intel", title="Price cut", url="https://rival.example/p", competitor=rival.key)
    fact = judging.make_fact(world.pm, intel=item.key, aspect="Team", value="€19", about="price", reliability="B")
    assert isinstance(fact, Fact)
    assert (fact.title, fact.competitor_id, fact.url) == ("Rival, Team: €19", rival.pk, "https://rival.example/p")
    assert fresh(item).state == "used"
    assert verbs.card(world.pm, fact.pk).cites.get().target_id == item.pk
