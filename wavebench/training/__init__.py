"""Evaluates a model while transformers' or TRL's Trainer trains it, in a process of its own. Needs transformers."""

from leaderboards.runs.curve import CurvePoint, learning_curve
from wavebench.training.callback import EvaluationCallback, EvaluationFailedError
from wavebench.training.draw import draw_curve

__all__ = ["CurvePoint", "EvaluationCallback", "EvaluationFailedError", "draw_curve", "learning_curve"]
