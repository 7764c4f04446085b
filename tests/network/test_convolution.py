from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from styletransfer.network import convolution, kernels
from styletransfer.network.convolution import (
    Convolution,
    convolution_relu,
    convolution_relu_pool,
    convolution_relu_pool_with_switches,
)

WINOGRAD = kernels.winograd_available()
needs_winograd = pytest.mark.skipif(not WINOGRAD, reason="PyTorch has no NNPACK for this processor")
needs_cuda = pytest.mark.cuda

# inputs, outputs, height, width, padding; whether Winograd is used forward and backward.
LARGE = [
    (64, 64, 48, 40, 1, True, True),
    (64, 128, 33, 47, 1, True, True),  # odd
    (128, 64, 40, 40, 0, True, True),
    (3, 64, 41, 39, 0, False, False),  # conv1_1
    (64, 4, 30, 31, 1, True, False),
]
SMALL = [
    (8, 6, 12, 10, 1, False, False),
    (8, 6, 7, 5, 0, False, False),
    (3, 64, 12, 9, 1, False, False),  # the gradient has few output channels
    (3, 64, 6, 5, 2, False, False),
    (3, 4, 9, 11, 2, False, False),
    (128, 64, 5, 7, 1, False, False),  # many channels, few positions
]


@pytest.fixture
def winograd_calls(monkeypatch):
    """The shapes that NNPACK was asked to convolve."""
    calls = []
    kernel = torch._nnpack_spatial_convolution

    def spy(image, *rest):
        calls.append(tuple(image.shape))
        return kernel(image, *rest)

    monkeypatch.setattr(torch, "_nnpack_spatial_convolution", spy)
    vectors_of(monkeypatch, "AVX2")
    return calls


def vectors_of(monkeypatch, capability):
    monkeypatch.setattr(torch.backends.cpu, "get_cpu_capability", lambda: capability)


def example(inputs, outputs, height, width, padding, dtype=torch.float32, device="cpu"):
    """An image, a weight, a bias and a gradient of the output."""
    generator = torch.Generator().manual_seed(0)

    def random(*size):
        return torch.randn(size, generator=generator, dtype=dtype).to(device)

    grown = 2 * padding - 2
    return (
        random(1, inputs, height, width),
        random(outputs, inputs, 3, 3) / (9 * inputs) ** 0.5,
        random(outputs),
        random(1, outputs, height + grown, width + grown),
    )


def both_ways(convolve, image, gradient):
    """The output of the convolution, and its gradient by the image."""
    image = image.clone().requires_grad_()
    output = convolve(image)
    output.backward(gradient)
    return output.detach(), image.grad


def compare(case, tolerance, **options):
    *shape, padding = case
    image, weight, bias, gradient = example(*shape, padding, **options)
    plain = both_ways(lambda x: F.conv2d(x, weight, bias, padding=padding).relu(), image, gradient)
    ours = both_ways(lambda x: convolution_relu(x, Convolution(weight, bias, padding)), image, gradient)
    for expected, found in zip(plain, ours, strict=True):
        assert found.shape == expected.shape
        # A value within rounding of 0 may fall on either side of the ReLU, which changes the
        # gradient there by a whole weight: compare by the norm, not the largest difference.
        assert (found - expected).norm() <= tolerance * expected.norm()


@needs_winograd
@pytest.mark.parametrize("case", LARGE, ids=str)
def test_winograd_kernels_give_what_autograd_gives(case, winograd_calls):
    *shape, forward, backward = case
    compare(shape, tolerance=1e-3)
    assert len(winograd_calls) == forward + backward


@needs_winograd
def test_wider_vectors_leave_narrow_layers_to_the_plain_kernel(winograd_calls, monkeypatch):
    vectors_of(monkeypatch, "AVX512")
    compare((64, 64, 48, 40, 1), tolerance=1e-6)
    assert winograd_calls == []
    compare((128, 64, 40, 40, 0), tolerance=1e-3)
    assert len(winograd_calls) == 1  # forward, where there are 128


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_plain_kernels_give_what_autograd_gives(case, winograd_calls):
    *shape, _, _ = case
    compare(shape, tolerance=1e-6)
    assert winograd_calls == []


@pytest.mark.parametrize("case", LARGE, ids=str)
def test_without_nnpack_the_plain_kernels_serve(case, winograd_calls, monkeypatch):
    monkeypatch.setattr(kernels, "winograd_available", lambda: False)
    *shape, _, _ = case
    compare(shape, tolerance=1e-6)
    assert winograd_calls == []


def test_nnpack_is_not_asked_for_double_precision(winograd_calls):
    compare((64, 64, 48, 40, 1), tolerance=1e-12, dtype=torch.float64)
    assert winograd_calls == []


@needs_winograd
def test_a_gradient_that_is_one_number_everywhere_is_understood():
    # The gradient of `sum` is a view of a single element, with strides of 0.
    image, weight, bias, gradient = example(64, 64, 48, 40, 1)
    expanded = torch.ones(()).expand_as(gradient)
    results = [
        both_ways(lambda x: convolution_relu(x, Convolution(weight, bias)), image, each)[1]
        for each in (expanded, expanded.contiguous())
    ]
    assert torch.equal(*results)


@pytest.mark.parametrize("padding", [0, 1, 2])
def test_gradients_agree_with_differences(padding):
    image, weight, bias, _ = example(2, 3, 5, 4, padding, dtype=torch.float64)
    assert torch.autograd.gradcheck(
        lambda x: convolution_relu(x, Convolution(weight, bias, padding)), image.requires_grad_()
    )


def test_a_second_derivative_is_refused_rather_than_wrong():
    image, weight, bias, _ = example(2, 3, 5, 4, 1)
    image.requires_grad_()
    output = convolution_relu(image, Convolution(weight, bias))
    (gradient,) = torch.autograd.grad(output.square().sum(), image, create_graph=True)
    with pytest.raises(RuntimeError, match="differentiate twice"):
        gradient.sum().backward()


def with_maximum(case, **options):
    """The fused end of a block, the same built from PyTorch, an image and a gradient."""
    image, weight, bias, gradient = example(*case, 1, **options)

    def plain(x):
        return F.max_pool2d(F.conv2d(x, weight, bias, padding=1).relu(), 2)

    def ours(x, switches=None):
        return convolution_relu_pool(x, Convolution(weight, bias), switches)

    return ours, plain, image, gradient[..., : case[2] // 2, : case[3] // 2]


@pytest.mark.parametrize("case", [(64, 64, 48, 40), (8, 6, 13, 10), (8, 6, 8, 7)], ids=str)
def test_the_maximum_before_the_relu_is_the_one_after_it(case):
    ours, plain, image, gradient = with_maximum(case)
    for expected, found in zip(
        both_ways(plain, image, gradient), both_ways(ours, image, gradient), strict=True
    ):
        assert (found - expected).norm() <= 1e-3 * expected.norm()


def test_its_gradient_agrees_with_differences():
    ours, _, image, _ = with_maximum((2, 3, 6, 5), dtype=torch.float64)
    assert torch.autograd.gradcheck(ours, image.requires_grad_())


def test_switches_spare_the_convolution(monkeypatch):
    image, weight, bias, gradient = example(8, 6, 12, 10, 1)
    block_end, gradient = Convolution(weight, bias), gradient[..., :6, :5]
    output, switches = convolution_relu_pool_with_switches(image, block_end)
    calls, convolve = [], convolution.convolve
    monkeypatch.setattr(convolution, "convolve", lambda *given: calls.append(0) or convolve(*given))
    plain, expected = both_ways(lambda x: convolution_relu_pool(x, block_end), image, gradient)
    assert torch.equal(output, plain)
    assert len(calls) == 2
    stand_in, found = both_ways(lambda x: convolution_relu_pool(x, block_end, switches), image, gradient)
    assert len(calls) == 3  # only those of the gradient
    assert stand_in.shape == output.shape
    assert torch.equal(found, expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
def test_the_relu_on_the_way_to_memory_is_the_one_after_it(dtype, monkeypatch):
    order = {"memory_format": torch.channels_last}
    image, weight, bias, _ = (each.to(dtype) for each in example(16, 32, 20, 30, 1))
    if dtype == torch.bfloat16:
        image, weight = image.contiguous(**order), weight.contiguous(**order)
    if not kernels.fuses_relu(image):
        pytest.skip("PyTorch has no such kernel for this processor")
    kernel, calls = torch.ops.mkldnn._convolution_pointwise, []
    monkeypatch.setattr(
        torch.ops.mkldnn, "_convolution_pointwise", lambda *given: calls.append(0) or kernel(*given)
    )
    fused = convolution_relu(image, Convolution(weight, bias))
    assert calls == [0]
    monkeypatch.setattr(kernels, "fuses_relu", lambda image: False)
    plain = convolution_relu(image, Convolution(weight, bias))
    assert torch.allclose(fused, plain, rtol=1e-2 if dtype == torch.bfloat16 else 1e-5, atol=1e-6)
    assert fused.stride() == plain.stride()


def test_without_pytorchs_private_operators_the_plain_kernel_serves(monkeypatch):
    monkeypatch.delattr(torch, "_nnpack_spatial_convolution", raising=False)
    monkeypatch.setattr(torch.ops, "mkldnn", SimpleNamespace())
    assert not kernels.winograd_available()
    for dtype in (torch.float32, torch.bfloat16):
        assert not kernels.fuses_relu(torch.zeros(1, 64, 40, 40, dtype=dtype))
    compare((64, 64, 48, 40, 1), tolerance=1e-6)


def test_an_operator_that_cannot_say_whether_it_knows_bfloat16_is_not_used_for_it(monkeypatch):
    only = SimpleNamespace(_convolution_pointwise=torch.ops.mkldnn._convolution_pointwise)
    monkeypatch.setattr(torch.ops, "mkldnn", only)
    image = torch.zeros(1, 64, 40, 40)
    assert not kernels.fuses_relu(image.bfloat16())
    assert kernels.fuses_relu(image) is torch.backends.mkldnn.is_available()


def test_the_gradient_is_the_adjoint():
    """<W x, y> = <x, W^T y>."""
    for padding in (0, 1, 2):
        image, weight, bias, gradient = example(5, 7, 9, 11, padding, dtype=torch.float64)
        linear = Convolution(weight, bias * 0, padding)
        forward = (linear(image) * gradient).sum()
        backward = (image * linear.convolve_gradient(gradient)).sum()
        assert torch.allclose(forward, backward, rtol=1e-12)


def test_bits_that_are_pooled_come_from_a_relu():
    # Negative numbers are not in the order of their bits.
    image, weight, bias, _ = (each.to(torch.bfloat16) for each in example(16, 32, 20, 30, 1))
    found = convolution_relu_pool(image, Convolution(weight, bias - 2))
    plain = F.max_pool2d(F.conv2d(image, weight, bias - 2, padding=1).relu(), 2)
    assert (plain > 0).any()
    assert (plain == 0).any()
    assert (found - plain).float().norm() < 0.01 * plain.float().norm()


@needs_cuda
def test_a_gpu_gives_the_maximum_with_its_gradient():
    ours, plain, image, gradient = with_maximum((64, 64, 47, 40), device="cuda")
    for expected, found in zip(
        both_ways(plain, image, gradient), both_ways(ours, image, gradient), strict=True
    ):
        assert (found - expected).norm() <= 1e-2 * expected.norm()


@needs_cuda
@pytest.mark.parametrize("case", [each[:5] for each in LARGE + SMALL], ids=str)
def test_a_gpu_gives_what_autograd_gives(case, winograd_calls):
    compare(case, tolerance=1e-2, device="cuda")  # TF32 where cuDNN prefers it
    assert winograd_calls == []
