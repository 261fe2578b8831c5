# Proctor alone: no shell, no libraries, no certificates (where the system has none, it trusts what Mozilla trusts).
#
# The programs lie in dist/, built by `release/build.sh TARGET dist`. To take one into an image of your own:
#
#   COPY --from=ghcr.io/proctor-ci/proctor:VERSION /proctor /usr/local/bin/proctor
ARG TARGETARCH

FROM scratch AS amd64
COPY --chmod=0755 dist/proctor-x86_64-unknown-linux-musl /proctor

FROM scratch AS arm64
COPY --chmod=0755 dist/proctor-aarch64-unknown-linux-musl /proctor

# hadolint ignore=DL3006
FROM ${TARGETARCH}
ARG VERSION
ARG REVISION
LABEL org.opencontainers.image.title="Proctor" \
      org.opencontainers.image.description="Triggers hosted test runs from CI, follows them and reports" \
      org.opencontainers.image.url="https://github.com/proctor-ci/proctor" \
      org.opencontainers.image.source="https://github.com/proctor-ci/proctor" \
      org.opencontainers.image.documentation="https://github.com/proctor-ci/proctor/blob/main/README.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
# Where the project is mounted. Nobody in particular: `--user` gives the reports to whoever needs them.
WORKDIR /work
USER 65532:65532
ENTRYPOINT ["/proctor"]
