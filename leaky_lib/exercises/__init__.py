"""Questions and exercises that answer back; what they say stands in one TOML file per notebook."""

from leaky_lib.exercises.check import EXERCISES, check, defend
from leaky_lib.exercises.questions import QUESTIONS, ask, predictions

__all__ = ["EXERCISES", "QUESTIONS", "ask", "check", "defend", "predictions"]
