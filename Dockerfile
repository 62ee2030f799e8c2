# Two stages: the first builds and installs with every download checked against its hash, the second only runs.
# The tag names the Python line, so a rebuild brings Debian's and Python's security fixes.
FROM python:3.12-slim-bookworm AS builder

# Empty unless given: `--build-arg PIP_INDEX_URL=…` for those who install from a mirror.
ARG PIP_INDEX_URL
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore PIP_USE_PEP517=1

WORKDIR /src
COPY constraints-build.txt constraints.txt ./
# The build tools stay in a place of their own; the wheels are those of the runtime constraints, jieba's made from source.
RUN python -m venv /build \
    && /build/bin/pip install --require-hashes -r constraints-build.txt \
    && /build/bin/pip wheel --require-hashes --no-build-isolation --wheel-dir /wheels -r constraints.txt

COPY pyproject.toml README.md LICENSE ./
COPY knowledge ./knowledge
COPY handlers ./handlers
COPY bot ./bot
RUN /build/bin/python -m hatchling build --target wheel --directory /wheels \
    && python -m venv --without-pip /srv/bigan/venv \
    && /build/bin/pip --python /srv/bigan/venv install --no-index --no-deps /wheels/*.whl

# The bundled reports become a knowledge base here, so that a container starts without writing anything.
RUN /srv/bigan/venv/bin/bigan kb build -o /srv/bigan/knowledge \
    && chmod -R a+rX /srv/bigan


FROM python:3.12-slim-bookworm

LABEL org.opencontainers.image.title="bigan" \
      org.opencontainers.image.description="笔杆：党务材料写作助手（企业微信机器人）" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="MIT"

# A fixed number, so that the owner of a volume is the same after each rebuild. /data is the one place to write.
RUN groupadd --gid 10001 bigan \
    && useradd --uid 10001 --gid bigan --no-log-init --no-create-home --home-dir /data --shell /usr/sbin/nologin bigan \
    && install --directory --owner bigan --group bigan --mode 0750 /data

COPY --from=builder /srv/bigan /srv/bigan

ENV PATH="/srv/bigan/venv/bin:$PATH" \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    KNOWLEDGE_BASE=/srv/bigan/knowledge \
    HOST=0.0.0.0 \
    PORT=8080

USER 10001:10001
WORKDIR /data
EXPOSE 8080
STOPSIGNAL SIGTERM

# http.client, because urllib would take a proxy from the environment even for the loopback address.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import http.client, os, sys; c = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); c.request('GET', '/healthz'); sys.exit(c.getresponse().status != 200)"]

ENTRYPOINT ["bigan"]
CMD ["serve"]
