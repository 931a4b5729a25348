# The gateway's image: the locked runtime packages and the three source packages, nothing else.
#
#   docker build -t care-gateway:0.1.0 .
#
# Nothing here needs a network after the build. The image holds no key, no setting and no person's
# data; it runs as an account without a shell and expects a read-only root file system.

FROM python:3.11.14-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
COPY requirements.lock requirements-runtime.lock ./
RUN python -m venv /opt/gateway \
 && /opt/gateway/bin/pip install --require-hashes -r requirements-runtime.lock
# The wheel is built with the locked build tools, in an environment that stays behind.
RUN python -m venv /opt/tools \
 && /opt/tools/bin/pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE THIRD_PARTY.md ./
COPY gateway gateway
COPY mappings mappings
COPY consent consent
RUN /opt/tools/bin/pip wheel --no-deps --no-build-isolation --wheel-dir wheels . \
 && /opt/gateway/bin/pip install --no-deps --no-index wheels/*.whl \
 && /opt/gateway/bin/pip uninstall --yes pip setuptools

FROM python:3.11.14-slim-bookworm
LABEL org.opencontainers.image.title="care-gateway" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --gid 10001 gateway \
 && useradd --uid 10001 --gid gateway --no-create-home --home-dir /nonexistent \
      --shell /usr/sbin/nologin gateway \
 && install --directory --owner=gateway --group=gateway --mode=0700 /var/lib/care-gateway
COPY --from=build /opt/gateway /opt/gateway
ENV PATH=/opt/gateway/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
USER 10001:10001
WORKDIR /opt/gateway
EXPOSE 8000
ENTRYPOINT ["care-gateway"]
CMD ["serve"]
