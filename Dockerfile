# syntax=docker/dockerfile:1

FROM python:3.11-slim AS build
# PyTorch's CPU builds make the image 4 GB smaller. For a GPU: --build-arg TORCH_INDEX=
# `cluster` adds PostgreSQL's client, `workers` has Ray.
ARG LOCK=serve
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
# Where a package has no wheel for the processor (animeface on arm64), it is compiled.
RUN apt-get update && apt-get install -y --no-install-recommends build-essential \
    && python -m venv /opt/usamimi
WORKDIR /source
COPY pyproject.toml README.md LICENSE NOTICE ./
COPY requirements/${LOCK}.txt requirements/${LOCK}.txt
COPY scripts/install-locked scripts/install-locked
COPY bot bot
COPY cogs cogs
COPY ml ml
COPY storage storage
RUN scripts/install-locked /opt/usamimi/bin/python requirements/${LOCK}.txt ${TORCH_INDEX} \
    && /opt/usamimi/bin/pip install --no-deps .

FROM python:3.11-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends fonts-dejavu-core fonts-noto-cjk libseccomp2 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data usamimi \
    && install -d -o usamimi -g usamimi /data
COPY --from=build /opt/usamimi /opt/usamimi
ENV PATH=/opt/usamimi/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    USAMIMI_DATA_DIR=/data \
    USAMIMI_LOG_FORMAT=json
USER usamimi
WORKDIR /data
VOLUME /data
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["python", "-m", "bot", "health"]
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
