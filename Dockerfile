# Two stages: what builds stays behind. Runs as nobody's account, on a read-only root: only /tmp is written.
# Whether it is well is for the platform to ask, at /readyz: a worker answers nothing.
FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY requirements/run.lock requirements/s3.lock requirements/
RUN python -m venv /opt/tmr && /opt/tmr/bin/pip install --require-hashes -r requirements/run.lock -r requirements/s3.lock
COPY pyproject.toml README.md CHANGELOG.md wsgi.py ./
COPY tmr tmr
RUN /opt/tmr/bin/pip install --no-deps --no-build-isolation . && /opt/tmr/bin/pip uninstall --yes pip setuptools

FROM python:3.11-slim-bookworm
COPY --from=build /opt/tmr /opt/tmr
RUN useradd --system --uid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin tmr
ENV PATH=/opt/tmr/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 TMR_HOST=0.0.0.0 TMR_PORT=8000 TMR_DATA_DIR=/tmp/tmr
USER 10001
EXPOSE 8000
STOPSIGNAL SIGINT
ENTRYPOINT ["tmr"]
CMD ["serve"]
