# syntax=docker/dockerfile:1

FROM python:3.11-slim AS build
# PyTorch's CPU builds make the image 4 GB smaller. For a GPU: --build-arg TORCH_INDEX=
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/usamimi
WORKDIR /source
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY bot bot
COPY cogs cogs
COPY ml ml
COPY storage storage
# The lock holds every version; only what serving needs is installed.
RUN /opt/usamimi/bin/pip install ${TORCH_INDEX:+--extra-index-url ${TORCH_INDEX}} \
        --constraint requirements.lock .

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data usamimi \
    && install -d -o usamimi -g usamimi /data
COPY --from=build /opt/usamimi /opt/usamimi
ENV PATH=/opt/usamimi/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    USAMIMI_DATA_DIR=/data \
    USAMIMI_LOG_FORMAT=json \
    # With a read-only root, only /data and /tmp can be written.
    MPLCONFIGDIR=/tmp/matplotlib \
    NUMBA_CACHE_DIR=/tmp/numba
USER usamimi
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
