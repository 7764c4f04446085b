# The page as a container: docs/hosting.md says how to run it.
FROM python:3.12-slim

# PyTorch's builds for processors only, which are a tenth as large. With an NVIDIA GPU take those of PyPI:
# --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu

# Everything that is to outlive the container is below /data.
RUN useradd --uid 1000 --create-home page && install --directory --owner=page --group=page /data
WORKDIR /page

# First what changes seldom, so that a changed page is built in seconds.
COPY requirements.txt ./
RUN grep '^torch' requirements.txt > torch.txt \
    && pip install --no-cache-dir --index-url "$TORCH_INDEX" --requirement torch.txt \
    && rm torch.txt
RUN pip install --no-cache-dir --requirement requirements.txt

COPY LICENSE app.py pyproject.toml ./
COPY examples examples
COPY styletransfer styletransfer
RUN python -m compileall -q styletransfer

ENV GRADIO_SERVER_NAME=0.0.0.0 \
    GRADIO_SERVER_PORT=7860 \
    HF_HOME=/data/huggingface \
    STYLETRANSFER_DATA=/data/page
EXPOSE 7860
VOLUME /data
USER 1000

# Whether it can paint; without a password, and never by way of a proxy.
HEALTHCHECK --interval=30s --timeout=10s --start-period=3m CMD ["python", "-c", "\
from urllib.request import ProxyHandler, build_opener; \
build_opener(ProxyHandler({})).open('http://127.0.0.1:7860/healthz')"]

# The first process of the container is Python itself, which ends within ten seconds of SIGTERM with everything
# kept. What follows the image's name are options of the server.
ENTRYPOINT ["python", "app.py"]
