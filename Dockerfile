# Basketwise in a container: `npm run airgap`, then `docker build -t basketwise .` (podman and buildah do as well). Nothing is fetched but the base image: the
# program and all that it depends on come out of the tarball, whose checksums its installation verifies.
FROM node:24-bookworm-slim AS install
COPY build/basketwise-*-linux-*.tgz /tmp/
RUN npm install --offline --no-audit --no-fund --prefix /opt/basketwise /tmp/basketwise-*-linux-*.tgz

FROM node:24-bookworm-slim
COPY --from=install /opt/basketwise /opt/basketwise
# a number, so that Kubernetes can tell that it is not root
USER 10001:10001
# the config is mounted here, and what it names; the root may be read-only
WORKDIR /bank
ENV HOME=/tmp
ENTRYPOINT ["/opt/basketwise/node_modules/.bin/basketwise"]
CMD ["run", "--config", "/bank/basketwise.yaml"]
