# The reference host as an image. Wheels are built in the first stage, where the engine's build runs npm from a wheel;
# the second holds Python, the installed wheels and the generated client: no Node, no uv, no sources.

ARG PYTHON=3.13

FROM python:${PYTHON}-slim AS build
ENV UV_CACHE_DIR=/var/cache/uv UV_PYTHON=/usr/local/bin/python UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy
RUN pip install --no-cache-dir uv
WORKDIR /src
COPY pyproject.toml ./
COPY packages packages
RUN --mount=type=cache,target=/var/cache/uv uv build --all-packages --wheel --out-dir /wheels
RUN --mount=type=cache,target=/var/cache/uv uv venv --relocatable /opt/berceau \
 && uv pip install --compile-bytecode --python /opt/berceau /wheels/*.whl
WORKDIR /app
COPY pyproject.toml ./
COPY prisma prisma
ENV BERCEAU_CACHE_DIR=/var/cache/berceau
RUN /opt/berceau/bin/berceau build
# Compiled here, the engines need not be at every start. On a processor of another kind they are nevertheless.
RUN /opt/berceau/bin/python -c "from berceau_engine.wasm import load; load('compiler_postgresql'); load('migrate')"

FROM python:${PYTHON}-slim
COPY --from=build /opt/berceau /opt/berceau
COPY --from=build /app /app
COPY --from=build --chown=10001:10001 /var/cache/berceau /var/cache/berceau
ENV PATH=/opt/berceau/bin:$PATH \
    HOME=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    BERCEAU_CACHE_DIR=/var/cache/berceau \
    BERCEAU_ENV=production
WORKDIR /app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["uvicorn", "--factory", "berceau_host:create_app", "--host", "0.0.0.0", "--port", "8000"]
