# One image for every process: web, worker, beat and the commands of manage.py.
FROM python:3.11-slim AS packages
WORKDIR /build
COPY .ci/uv.txt requirements.txt ./
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --quiet --require-hashes -r uv.txt \
    && /opt/venv/bin/uv pip install --quiet --no-cache --python /opt/venv/bin/python \
        --compile-bytecode --require-hashes -r requirements.txt

FROM python:3.11-slim
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=medai.settings.production
RUN useradd --system --create-home medai
COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY . .
# Settings are required even for these two steps, which use none of them.
RUN SECRET_KEY=signs-nothing-but-has-the-length-that-settings-ask-for \
    ENCRYPTION_KEYS=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= ALLOWED_HOSTS=build SITE_URL=https://build \
    DATABASE_URL=postgresql://build@build/build REDIS_URL=redis://build EMAIL_URL=smtp://build \
    sh -c "python manage.py catalogues compile && python manage.py collectstatic --noinput --verbosity 0" \
    && mkdir -p var/files && chown -R medai var
USER medai
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["uvicorn", "medai.asgi:application", "--host", "0.0.0.0", "--port", "8000", "--lifespan", "off", "--no-server-header"]
