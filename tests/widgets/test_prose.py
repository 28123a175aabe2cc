"""Lessons' Markdown as rows."""

from rich.cells import cell_len

from tui.theme import Role
from tui.widgets.prose import prose, spans_of

PAGE = """\
A **Service** belongs to `no` device, see [docs](https://example.org).

- first
- second that is so long
  that it goes on
1. numbered

> quoted

```
$ iptables-save | grep a-long-line-of-code
```

| 이름 | port |
|------|------|
| web | 80 |
"""


def texts(width: int) -> list[str]:
    return [line.text for line in prose(PAGE, width)]


def test_paragraphs_lists_quotes_and_code() -> None:
    assert texts(30) == [
        "A Service belongs to no",
        "device, see docs.",
        "",
        "• first",
        "• second that is so long that",
        "  it goes on",
        "1. numbered",
        "",
        "▌ quoted",
        "",
        "│ $ iptables-save | grep a-lo…",
        "",
        "이름  port",
        "web   80",
    ]


def test_nothing_is_wider_than_the_pane() -> None:
    for width in (12, 20, 40, 80):
        assert max(cell_len(text) for text in texts(width)) <= width


def test_inline_marks_become_roles() -> None:
    assert spans_of("a **b** `c` *d*") == [
        ("a ", Role.PLAIN),
        ("b", Role.STRONG),
        (" ", Role.PLAIN),
        ("c", Role.CODE),
        (" ", Role.PLAIN),
        ("d", Role.NOW_TEXT),
    ]


def test_chain_names_and_globs_are_not_emphasis() -> None:
    assert spans_of("KUBE_SVC_X and 2 * 3 * 4") == [("KUBE_SVC_X and 2 * 3 * 4", Role.PLAIN)]


def test_emphasis_may_end_before_a_particle() -> None:
    """As in CommonMark: a star may, an underscore may not, for it is part of many a name."""
    assert spans_of("그 뒤의 *엔드포인트*이고")[1] == ("엔드포인트", Role.NOW_TEXT)
    assert [text for text, _ in spans_of("net_bridge_call and _so_")][-1] == "so"
