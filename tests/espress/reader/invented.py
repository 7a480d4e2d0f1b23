"""A small invented article with every kind of label, as the tables would hold it."""

from __future__ import annotations

from typing import Any

from espress.schema import schema

Row = dict[str, Any]
ARTICLE = "harbour-post-20240102-00000000"
EVENT = "harbour-2024"
CHARGE, MEASURES = "covert_activity_by_cn", "countermeasures_warranted"
PASSES = ("by-rule", "in-order", "shuffled")

TITLE = "Harbour office <script>alert(1)</script> exposes agents, port says"
STANDFIRST = "The port’s guard, Ann Example, was questioned"
TEXT = (
    "The service said in its report, and the port confirmed, that two clerks had been paid. "
    "The files were then copied.\n\n"
    "Officials\n\n"
    "Ann Example told \u202eno one\u202c about it; 港口 kept silent."
)


def make_row(table: str, **values: Any) -> Row:
    """Return a row of a table, with null in all columns that are not given."""
    return {column.name: None for column in schema().table(table).columns} | values


def _make_unit(number: int, mark: str, field: str, words: str, masks: tuple[tuple[str, str], ...] = ()) -> Row:
    whole = {"title": TITLE, "standfirst": STANDFIRST, "text": TEXT}[field]
    start = whole.index(words)
    byte = {"title": 20, "standfirst": 120, "text": 200}[field] + len(whole[:start].encode())
    roles = {"t": "title", "s": "standfirst", "h": "sub-heading", "p": "body"}
    return make_row(
        "sentences", sentence_id=f"{ARTICLE}.{mark}", article_id=ARTICLE, event_id=EVENT, event_ids=[EVENT],
        unit_no=number, role=roles[mark[0]], field=field, paragraph=int(mark[1:3]) if mark[0] in "ph" else None,
        text=words, text_start=start, text_end=start + len(words), source_byte_start=byte,
        source_byte_end=byte + len(words.encode()),
        masks=[
            {"mask_start": words.index(name), "mask_end": words.index(name) + len(name), "mask": mask}
            for name, mask in masks
        ],
    )  # fmt: skip


UNITS = [
    _make_unit(1, "t.01", "title", TITLE),
    _make_unit(2, "s.01", "standfirst", STANDFIRST, (("Ann Example", "[PERSON_1]"),)),
    _make_unit(3, "p01.01", "text", TEXT[: TEXT.index(" The files")]),
    _make_unit(4, "p01.02", "text", "The files were then copied."),
    _make_unit(5, "h01.01", "text", "Officials"),
    _make_unit(6, "p02.01", "text", TEXT[TEXT.index("Ann") :], (("Ann Example", "[PERSON_1]"),)),
]
TEXTS = {row["sentence_id"]: row["text"] for row in UNITS}


def _make_entry(mark: str, proposition: str, number: int, source: str, cue: str | None, **values: Any) -> Row:
    words = TEXTS[f"{ARTICLE}.{mark}"]
    row = make_row(
        "entries", sentence_id=f"{ARTICLE}.{mark}", proposition_id=proposition, source_no=number, article_id=ARTICLE,
        position="support", attributed="yes", attribution="official", cue_strength="neutral", hedged="no",
    )  # fmt: skip
    for kind, span in (("source", source), ("cue", cue)):
        if span:
            row |= {f"{kind}_span": span, f"{kind}_span_start": words.index(span)}
            row[f"{kind}_span_end"] = row[f"{kind}_span_start"] + len(span)
    return row | values


ENTRIES = [
    _make_entry("t.01", CHARGE, 1, "port", "exposes", source_id="port", cue_strength="endorsing", position="deny"),
    _make_entry("p01.01", CHARGE, 1, "The service", "said in its report", source_id="service", via_source_id="port"),
    _make_entry("p01.01", CHARGE, 2, "its report, and the port", "port confirmed", source_id="port", hedged="yes"),
    _make_entry(
        "p01.02", CHARGE, 1, "", None, source_id="outlet", attributed="no", attribution="outlet", cue_strength=None,
        lapsed="yes", source_id_carried="service", attribution_carried="official", cue_strength_carried="neutral",
    ),
    _make_entry("p02.01", CHARGE, 1, "Ann Example", "told", source_id="person", position="question"),
]  # fmt: skip

_BEARS = {("t.01", CHARGE), ("p01.01", CHARGE), ("p01.02", CHARGE), ("p02.01", CHARGE)}


def _make_votes() -> tuple[list[Row], list[Row]]:
    """Return votes on bears_on and position, with one disputed position, and the judgements behind them."""
    votes, judgements = [], []
    items: list[tuple[str, str, int, str, str | None]] = [
        (f"{ARTICLE}.{row['sentence_id'].removeprefix(ARTICLE + '.')}", CHARGE, 0, "bears_on", "yes") for row in UNITS
    ]
    items += [(row["sentence_id"], CHARGE, row["source_no"], "position", row["position"]) for row in ENTRIES]
    items += [(f"{ARTICLE}/{EVENT}", "", 0, "stance", "against"), (f"{ARTICLE}/{EVENT}", "", 0, "devices", None)]
    for item, proposition, number, field, gold in items:
        differs = item.endswith("p02.01") and field == "position"
        common: Row = {
            "source_no": number or None,
            "article_id": ARTICLE,
            "item_id": item,
            "proposition_id": proposition or None,
            "field": field,
        }
        for name in PASSES:
            value = "mention" if differs and name == "shuffled" else gold
            if field == "devices":
                value = "A1.01 'exposes' +; A1.99 'none' -"
            judgements.append(
                make_row("annotations", **common, annotator=name, annotator_kind="model", value=value,
                         codebook="2.0.0", current=True, is_counted=True, reason=f"Ann Example <em>{field}</em>")
            )  # fmt: skip
        if field != "devices":
            votes.append(
                make_row("votes", **common, vote_id=f"{item}:{proposition}:{number}:{field}", value=gold,
                         is_unanimous=not differs, n_annotators=3)
            )  # fmt: skip
    old = {"codebook": "1.0.0", "current": True, "is_counted": False, "reason": "of an old codebook"}
    return votes, [*judgements, judgements[0] | {"annotator": "old"} | old]


def make_tables() -> dict[str, list[Row]]:
    """Return the tables of the article by name."""
    votes, judgements = _make_votes()
    pieces = (("title", 20, TITLE), ("standfirst", 120, STANDFIRST), ("text", 200, TEXT))
    return {
        "articles": [
            make_row(
                "articles", article_id=ARTICLE, title=TITLE, standfirst=STANDFIRST, text=TEXT,
                outlet_id="harbour-post", outlet="The Harbour Post", outlet_country="CZ", authors=None,
                published="2024-01-02", event_ids=[EVENT], language="en", genre="news_report",
                url="javascript:alert(1)", rights_tier="full", n_words=40, raw_sha256="0" * 64,
                source_bytes=200 + len(TEXT.encode()) + 30,
                source_pieces=[
                    {"field": field, "before": "", "source_byte_start": at, "source_byte_end": at + len(words.encode())}
                    for field, at, words in pieces
                ],
                basis=[
                    {"field": "outlet_country", "basis": "look-up", "confidence": "high", "note": "<i>imprint</i>"},
                    {"field": "authors", "basis": "unknown", "confidence": None, "note": "not shown"},
                ],
            )
        ],
        "sentences": UNITS,
        "entries": ENTRIES,
        "relevance": [
            make_row("relevance", sentence_id=row["sentence_id"], article_id=ARTICLE, proposition_id=proposition,
                     bears_on="yes" if (row["sentence_id"].removeprefix(ARTICLE + "."), proposition) in _BEARS
                     else None if (row["unit_no"], proposition) == (5, MEASURES) else "no")
            for row in UNITS
            for proposition in (MEASURES, CHARGE)
        ],
        "votes": votes,
        "annotations": judgements,
        "article_stance": [
            make_row("article_stance", article_id=ARTICLE, event_id=EVENT, focal_proposition=CHARGE, stance="against",
                     lead_voice="denies", sourcing_supporting=3, sourcing_contesting=1, sourcing_supporting_carried=4,
                     sourcing_contesting_carried=1)
        ],
        "propositions": [
            make_row("propositions", proposition_id=name, statement=f"Statement of {name}.")
            for name in (MEASURES, CHARGE)
        ],
        "sources": [
            make_row("sources", source_id=name, name=f"Name of {name}", source_class="official")
            for name in ("port", "service", "outlet", "person")
        ],
        "events": [make_row("events", event_id=EVENT, description="Two clerks of a port are accused.")],
        "outlets": [
            make_row("outlets", outlet_id="harbour-post", facts=[
                {"field": "country", "value": "CZ", "basis": "look-up", "confidence": "high", "note": None,
                 "source": "https://example.org/imprint", "source_date": "2024-01-03"}])
        ],
    }  # fmt: skip
