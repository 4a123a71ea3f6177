# Two images; docs/service.md says how they are built and run.
#   docker build --target serve -t colornet .
#   docker build --target dashboard -t colornet-dashboard .

FROM python:3.11-slim AS base
ENV PYTHONUNBUFFERED=1 PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN useradd --create-home --uid 10001 colornet
WORKDIR /app

FROM base AS serve
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY colornet colornet
COPY pretrained pretrained
COPY dashboard dashboard
# The versions of requirements.lock, of those packages alone that the service needs
RUN grep -E '^[a-z0-9.-]+==' requirements.lock | sed 's/ *\\$//' > constraints.txt \
    && pip install --constraint constraints.txt ".[serve]" \
    && rm -r /app/*
USER colornet
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
# The container's network is its own; `docker run -p` decides who reaches it
ENTRYPOINT ["colornet", "serve", "--host", "0.0.0.0", "--port", "8000"]

FROM base AS dashboard
COPY requirements.lock pyproject.toml README.md LICENSE params.yaml dvc.yaml dvc.lock ./
RUN pip install --require-hashes --requirement requirements.lock
COPY colornet colornet
COPY pretrained pretrained
COPY dashboard dashboard
COPY data/README.md data/README.md
COPY data/gallery data/gallery
# Runs and results that are mounted here appear on the pages
RUN pip install --no-build-isolation --no-deps --editable . \
    && mkdir -p runs results && chown -R colornet /app
USER colornet
EXPOSE 8501
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["streamlit", "run", "dashboard/app.py", "--server.address", "0.0.0.0", "--server.port", "8501", "--server.headless", "true"]
