"""Markdown is sorted by what its headings name."""

from tui.course.texts import read_texts

MARKDOWN = """# Title: with a colon

Summary
in two lines.

## objectives: Afterwards

- say one thing
  that is long
- do another

## why: Why a Service

Body.

```
# not a heading
## nor this
```

After.

## odds: What: are they?

Question?

### 10.0.0.1:80: the first

Wrong.

### 1/3

### because

So it is.
"""


def test_title_and_summary() -> None:
    texts = read_texts(MARKDOWN)
    assert texts.title == "Title: with a colon"
    assert texts.summary == "Summary\nin two lines."


def test_code_is_not_mistaken_for_headings() -> None:
    section = read_texts(MARKDOWN).sections["why"]
    assert section.heading == "Why a Service"
    assert section.body == "Body.\n\n```\n# not a heading\n## nor this\n```\n\nAfter."


def test_parts_belong_to_their_step() -> None:
    section = read_texts(MARKDOWN).sections["odds"]
    assert section.heading == "What: are they?"
    assert section.body == "Question?"
    assert list(section.parts) == ["10.0.0.1:80", "1/3", "because"]
    assert section.parts["10.0.0.1:80"].heading == "the first"
    assert section.parts["10.0.0.1:80"].body == "Wrong."
    assert section.parts["1/3"].heading == "1/3"
    assert section.parts["because"].body == "So it is."


def test_objectives_are_bullets() -> None:
    assert read_texts(MARKDOWN).objectives == ("say one thing that is long", "do another")
    assert read_texts("# Title").objectives == ()


def test_one_language_over_another() -> None:
    korean = read_texts("# 제목\n\n## why: 왜\n\n본문.")
    merged = korean.over(read_texts(MARKDOWN))
    assert merged.title == "제목"
    assert merged.summary == "Summary\nin two lines."
    assert merged.sections["why"].body == "본문."
    assert merged.sections["odds"].body == "Question?"
