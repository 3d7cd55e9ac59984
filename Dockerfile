# The operator alone: one bundled file on Node, as a user without rights, nothing written to disk.
FROM node:26-slim AS build
WORKDIR /poolwarden
COPY package.json package-lock.json ./
# The packages whose install scripts are left out are not needed to bundle.
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY src src
COPY test/config test/config
RUN node test/config/bundle.ts

FROM node:26-slim
COPY --from=build /poolwarden/dist/poolwarden.js /poolwarden/poolwarden.js
COPY LICENSE /poolwarden/
USER 65532:65532
ENV NODE_ENV=production
ENTRYPOINT ["node", "/poolwarden/poolwarden.js"]
CMD ["run"]
