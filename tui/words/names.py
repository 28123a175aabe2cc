"""Why something cannot be a learner's name."""

from tui.words.language import _
from tui.workshop.unfit import Unfit

UNFIT = {
    Unfit.NOTHING: _("a name is needed"),
    Unfit.WIDE: _("a name has {cells} cells at most"),
    Unfit.SIGNS: _("a name is made of letters and digits, and of . _ - and blanks inside"),
    Unfit.MARKS: _("a letter has {marks} marks at most"),
    Unfit.RESERVED: _("{name} is not a learner's name"),
}
