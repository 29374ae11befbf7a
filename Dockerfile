# Two stages: what builds stays behind. The image is not built in CI, where no container engine runs.
FROM python:3.13-slim-bookworm AS build
WORKDIR /build
RUN python -m venv /opt/outreach
COPY requirements.lock .
RUN /opt/outreach/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md ./
COPY triggers ./triggers
COPY worker ./worker
RUN /opt/outreach/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim-bookworm
RUN groupadd --gid 10001 outreach \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin outreach
COPY --from=build /opt/outreach /opt/outreach
ENV PATH=/opt/outreach/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
USER 10001:10001
EXPOSE 8000
ENTRYPOINT ["outreach"]
CMD ["--help"]
