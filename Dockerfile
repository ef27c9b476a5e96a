# One image a service, each with that service's packages only; `make images` builds them all.
# What pip installs is pinned by requirements.lock, out of hadolint's sight:
# hadolint global ignore=DL3013

ARG PYTHON=3.11

# Every package of the lock, checked against its hash, and our own: the images install from here and from nowhere else.
# grpcurl, for developers only, is the one package that would have to be built, so it is cut out of the lock.
# The secrets are for networks that need them; absent, they are nothing.
FROM python:${PYTHON}-slim AS wheels
WORKDIR /build
COPY requirements.lock .
RUN --mount=type=secret,id=pip_conf,target=/etc/pip.conf \
    --mount=type=secret,id=ca_bundle,target=/etc/ssl/certs/ca-certificates.crt \
    sed --in-place '/^grpcurl/,/[^\\]$/d' requirements.lock && \
    pip download --quiet --no-cache-dir --require-hashes --no-deps --only-binary :all: --dest /wheels \
        --requirement requirements.lock && \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels grpcio-tools hatchling mypy-protobuf
COPY . .
RUN pip wheel --quiet --no-cache-dir --no-index --no-deps --no-build-isolation --wheel-dir /wheels .

FROM python:${PYTHON}-slim AS runtime
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    HOME=/data COUNTERFOIL_DATA_DIR=/data COUNTERFOIL_LOG_FORMAT=json
RUN install --directory --owner 10001 --group 10001 --mode 700 /data
WORKDIR /data

FROM runtime AS codec
RUN --mount=type=bind,source=deploy/libzbar.sh,target=/tmp/libzbar.sh \
    sh /tmp/libzbar.sh && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels 'counterfoil[codec,tracing]'
USER 10001:10001
ENV COUNTERFOIL_CODEC_LISTEN=0.0.0.0:50051
EXPOSE 50051
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s \
    CMD ["python", "-m", "counterfoil.services.runtime.probe", "localhost:50051"]
ENTRYPOINT ["python", "-m", "counterfoil.services.codec"]

FROM runtime AS credentials
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels 'counterfoil[credentials,postgres,tracing]'
USER 10001:10001
ENV COUNTERFOIL_CREDENTIALS_LISTEN=0.0.0.0:50052
EXPOSE 50052
VOLUME /data
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s \
    CMD ["python", "-m", "counterfoil.services.runtime.probe", "localhost:50052"]
ENTRYPOINT ["python", "-m", "counterfoil.services.credentials"]

FROM runtime AS sessions
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels 'counterfoil[sessions,postgres,tracing]'
USER 10001:10001
ENV COUNTERFOIL_SESSIONS_LISTEN=0.0.0.0:50053
EXPOSE 50053
VOLUME /data
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s \
    CMD ["python", "-m", "counterfoil.services.runtime.probe", "localhost:50053"]
ENTRYPOINT ["python", "-m", "counterfoil.services.sessions"]

FROM runtime AS gateway
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels 'counterfoil[gateway,tracing]'
USER 10001:10001
ENV COUNTERFOIL_GATEWAY_LISTEN=0.0.0.0:50050 COUNTERFOIL_HTTP_LISTEN=0.0.0.0:8080
EXPOSE 50050 8080
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s \
    CMD ["python", "-m", "counterfoil.services.runtime.probe", "localhost:50050"]
ENTRYPOINT ["python", "-m", "counterfoil.gateway"]

# Everything in one process, and the command; also what `docker build` makes when no target is named.
FROM runtime AS counterfoil
RUN --mount=type=bind,source=deploy/libzbar.sh,target=/tmp/libzbar.sh \
    sh /tmp/libzbar.sh && rm -rf /var/lib/apt/lists/*
RUN --mount=type=bind,from=wheels,source=/wheels,target=/wheels \
    pip install --quiet --no-cache-dir --no-index --find-links /wheels 'counterfoil[all]'
USER 10001:10001
ENV COUNTERFOIL_GATEWAY_LISTEN=0.0.0.0:50050 COUNTERFOIL_HTTP_LISTEN=0.0.0.0:8080
EXPOSE 50050 8080
VOLUME /data
HEALTHCHECK --interval=10s --timeout=10s --start-period=60s \
    CMD ["python", "-m", "counterfoil.services.runtime.probe", "localhost:50050"]
ENTRYPOINT ["counterfoil"]
CMD ["serve"]
