# The operator alone: Node, the C libraries that Node loads, one bundled file, and a user without
# rights. No shell, no package manager, nothing that is written to disk. docs/image.md says more.

# The Node of package.json. By digest: --build-arg NODE_IMAGE=node:26.10.0-slim@sha256:…
ARG NODE_IMAGE=node:26.10.0-slim

# On the machine that builds, whatever the image is for: the bundle is the same everywhere.
FROM --platform=$BUILDPLATFORM ${NODE_IMAGE} AS bundle
WORKDIR /poolwarden
COPY package.json package-lock.json ./
# Install scripts are not needed to bundle. The secret is for who has a registry of their own.
RUN --mount=type=secret,id=npmrc \
    NPM_CONFIG_USERCONFIG=/run/secrets/npmrc npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json LICENSE ./
COPY src src
COPY test/config test/config
RUN node test/config/bundle.ts

# On the platform that the image is for: it runs what it has collected.
FROM ${NODE_IMAGE} AS runtime
COPY test/config/collect-runtime.sh /
RUN sh /collect-runtime.sh /runtime

FROM scratch
ARG VERSION=0.0.0
ARG REVISION=unknown
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="Poolwarden" \
      org.opencontainers.image.description="Keeps every connection pool of a fleet inside the limit of the database they share" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}"
COPY --from=runtime /runtime /
COPY --from=bundle /poolwarden/dist/poolwarden.js /poolwarden/dist/LICENSES.txt /poolwarden/LICENSE /poolwarden/
USER 65532:65532
# Node lets what is soon forgotten grow to 32 MB before it looks; a fleet of a thousand workloads
# takes 50 MB less like this, and no more time.
# Names are looked up on half of the threads, and one whose DNS is silent keeps its thread.
ENV NODE_ENV=production NODE_OPTIONS=--max-semi-space-size=4 UV_THREADPOOL_SIZE=32
ENTRYPOINT ["/usr/local/bin/node", "/poolwarden/poolwarden.js"]
CMD ["run"]
