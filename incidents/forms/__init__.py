"""The forms about incidents: who it was, and what happened."""

from incidents.forms.log import LogForm, TokenField
from incidents.forms.who import NEW, SPECIAL, UNKNOWN

__all__ = ["NEW", "SPECIAL", "UNKNOWN", "LogForm", "TokenField"]
