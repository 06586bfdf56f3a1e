"""The condition that adds up weights: an alternative to all, any and none where no single word decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streams.match.conditions import Condition, Met, Stretches, Terms, either, joined


@dataclass(frozen=True, slots=True)
class Score:
    """The weights of the parts that are met add up to the threshold. Rests on those with a weight above zero."""

    threshold: int
    parts: tuple[tuple[int, Condition], ...]

    def met(self, document: Stretches, low: int, high: int) -> Met | None:
        """See Condition."""
        reached, found = 0, []
        for weight, part in self.parts:
            one = part.met(document, low, high)
            if one is not None:
                reached += weight
                if weight > 0:
                    found.append(one)
        return joined(found) if reached >= self.threshold else None

    def mandatory(self, weights: Sequence[float]) -> list[Terms]:
        """See Condition.

        A part without which the threshold is out of reach is mandatory, with all its groups. Beside it, parts that
        together do not reach the threshold may be met as they like: one of the others has to be. Those left aside are
        first the ones that tell nothing, then those with the commonest words.
        """
        counted = [(weight, part, part.mandatory(weights)) for weight, part in self.parts if weight > 0]
        spare = sum(weight for weight, _, _ in counted) - self.threshold
        groups = [group for weight, _, own in counted if weight > spare for group in own]
        likely = sorted(counted, key=lambda one: -_likelihood(one[2], weights))
        left_aside = 0
        needed: list[Condition] = []
        for weight, part, _ in likely:
            if left_aside + weight < self.threshold:
                left_aside += weight
            else:
                needed.append(part)
        return groups + either(needed, weights)


def _likelihood(groups: Sequence[Terms], weights: Sequence[float]) -> float:
    """How likely an article holds the rarest of the groups; endless when there is none."""
    return min((sum(weights[term] for term in group) for group in groups), default=float("inf"))
