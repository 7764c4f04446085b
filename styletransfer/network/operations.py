"""Successive layers of a VGG as operations, each of which computes one of them or several at once.

A convolution is computed together with the ReLU and the maximum pooling that follow it, wherever nobody
asks for the feature maps in between.
"""

from collections.abc import Callable, Collection, Sequence

from torch import Tensor
from torch.nn import functional

from .convolution import Convolution, convolution_relu_pool, convolution_relu_pool_with_switches
from .memory_format import memory_format_of

# Kinds of successive layers that one operation can compute, the longest first.
_FUSIBLE = (("conv", "relu", "pool"), ("conv", "relu"))


def fused(
    layers: Sequence[str], wanted: Collection[str], pooling_too: bool = True
) -> list[tuple[str, ...]]:
    """The layers in the groups that one operation computes: a wanted layer ends its group.

    Args:
        layers: successive layers, in the network's order; the last one is wanted.
        wanted: those whose feature maps are asked for.
        pooling_too: whether a pooling may be computed together with the convolution before it.
    """
    groups, rest = [], tuple(layers)
    fusible = _FUSIBLE if pooling_too else _FUSIBLE[1:]
    while rest:
        length = next((len(kinds) for kinds in fusible if _fits(rest, kinds, wanted)), 1)
        groups.append(rest[:length])
        rest = rest[length:]
    return groups


def _fits(layers: Sequence[str], kinds: Sequence[str], wanted: Collection[str]) -> bool:
    """Whether the first layers are of these kinds, and nobody asks for one before the last of them."""
    group = layers[: len(kinds)]
    return [layer[:4] for layer in group] == list(kinds) and set(wanted).isdisjoint(group[:-1])


class Operation:
    """A differentiable function from feature maps (1, C, H, W) to those of a later layer.

    Args:
        function: what it computes; differentiable once.
    """

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        self._function = function

    def __call__(self, features: Tensor) -> Tensor:
        """The feature maps of the later layer; differentiable once."""
        return self._function(features)

    def forward_with_switches(self, features: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The feature maps, not differentiable, and the switches that `from_switches` needs.

        There are none if the gradient needs the operation to be computed again.
        """
        return self._function(features), []

    def from_switches(self, features: Tensor, switches: list[Tensor]) -> Tensor:  # noqa: ARG002  # it has none
        """As `__call__`, but with switches only the shape and the gradient are right, not the values."""
        return self._function(features)


class ConvolutionReLUPool(Operation):
    """The end of a block: its last convolution, the ReLU and the maximum pooling.

    Args:
        convolution: of the features, or of wrapped ones.
    """

    def __init__(self, convolution: Convolution) -> None:
        super().__init__(lambda features: convolution_relu_pool(features, convolution))
        self._convolution = convolution

    def forward_with_switches(self, features: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The pooled feature maps, and the switches: their sign, and the two of the pooling."""
        return convolution_relu_pool_with_switches(features, self._convolution)

    def from_switches(self, features: Tensor, switches: list[Tensor]) -> Tensor:
        """With switches the convolution is not computed again: only shape and gradient are right."""
        return convolution_relu_pool(features, self._convolution, switches)


class Wrapped(Operation):
    """An operation on tiles: beyond each edge it finds one more row or column, from the opposite edge.

    Of a strip the rows at its cut edges are spoilt by this as they are by zeros.

    Args:
        operation: begins with a convolution that does not pad.
    """

    def __init__(self, operation: Operation) -> None:
        super().__init__(lambda features: operation(_wrapped(features)))
        self._operation = operation

    def forward_with_switches(self, features: Tensor) -> tuple[Tensor, list[Tensor]]:
        """As that of the operation."""
        return self._operation.forward_with_switches(_wrapped(features))

    def from_switches(self, features: Tensor, switches: list[Tensor]) -> Tensor:
        """As that of the operation."""
        return self._operation.from_switches(_wrapped(features), switches)


def _wrapped(features: Tensor) -> Tensor:
    """(1, C, H, W) -> (1, C, H + 2, W + 2)."""
    wrapped = functional.pad(features, (1, 1, 1, 1), mode="circular")
    return wrapped.contiguous(memory_format=memory_format_of(features))
