"""How a GPU that has failed is recognised."""

import pytest
import torch

from styletransfer.network.lost import DeviceLost, answers, failure_explained, is_lost
from tests.support.failing_gpu import SAID, FailingGpu


@pytest.mark.parametrize(
    ("cause", "lost"),
    [
        (RuntimeError(SAID), True),
        (RuntimeError("CUDA error: device lost"), True),
        (RuntimeError("cuDNN error: CUDNN_STATUS_EXECUTION_FAILED"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling cublasSgemm"), True),
        (RuntimeError("CUDA error: out of memory"), False),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), False),
        (torch.OutOfMemoryError("CUDA out of memory."), False),
        (RuntimeError("The size of tensor a must match the size of tensor b"), False),
        (OSError("CUDA error"), False),
    ],
    ids=str,
)
def test_a_failure_is_told_from_too_little_memory_and_from_mistakes(cause, lost):
    assert is_lost(cause) is lost


def test_a_device_answers_until_it_has_failed():
    with FailingGpu() as gpu:
        assert answers(torch.device("cpu"))
        gpu.failed = True
        assert not answers(torch.device("cpu"))


def test_it_is_explained_in_a_sentence():
    with pytest.raises(DeviceLost, match="graphics card failed") as caught, failure_explained():
        raise RuntimeError(SAID)
    assert SAID in str(caught.value.__cause__)
    with pytest.raises(RuntimeError, match="a mistake"), failure_explained():
        raise RuntimeError("a mistake")
