# The portal without the embedded Connect and its media. Built in stages: what builds is not in what runs.
FROM python:3.13-slim-bookworm AS scripts
WORKDIR /build
COPY . .
# The browser's scripts and the translations, by the project's own command.
RUN python3 dev.py build && rm -rf static/node_modules

FROM python:3.13-slim-bookworm AS packages
RUN python3 -m venv /opt/portal/.venv
COPY requirements/portal.txt /tmp/portal.txt
RUN /opt/portal/.venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes --requirement /tmp/portal.txt

FROM python:3.13-slim-bookworm
LABEL org.opencontainers.image.title="Connect Video Portal" org.opencontainers.image.licenses="MIT"
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin portal
WORKDIR /opt/portal
COPY --from=packages /opt/portal/.venv .venv
COPY --from=scripts /build/manage.py ./
COPY --from=scripts /build/portal portal
COPY --from=scripts /build/contacts contacts
COPY --from=scripts /build/partners partners
COPY --from=scripts /build/templates templates
COPY --from=scripts /build/locale locale
COPY --from=scripts /build/static/dist static/dist
COPY --from=scripts /build/static/css static/css
COPY --from=scripts /build/static/img static/img
ENV PATH=/opt/portal/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
# Values for this one command: it reads the settings, and nothing of them is kept.
RUN SECRET_KEY=build-only-build-only-build-only-build-only-build-only DEBUG=1 CONNECT_ENDPOINT_URL=http://127.0.0.1:1 \
    AWS_ACCESS_KEY_ID=none AWS_SECRET_ACCESS_KEY=none python manage.py collectstatic --no-input --verbosity 0
# Nothing is written once it runs, so that every process would compile the portal anew.
RUN python -m compileall -q portal contacts partners
USER 10001:10001
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "portal.serving", "-b", "0.0.0.0", "-p", "8000"]
