# The service as it runs in production. Nothing is compiled: the sources are run as they are.
#   docker build --tag ringkey .
#   docker run --env-file .env --publish 3000:3000 --volume ringkey:/data --read-only --tmpfs /tmp ringkey

FROM node:22-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

FROM node:22-bookworm-slim
ENV NODE_ENV=production DATA_DIR=/data PORT=3000
WORKDIR /app
# Its own, because a volume that is made anew takes the owner of the folder that it is mounted over.
RUN mkdir --mode=0700 /data && chown node:node /data
COPY --from=dependencies /app/node_modules ./node_modules
COPY . .
USER node
VOLUME /data
EXPOSE 3000
# Whether the process lives. Whether it should be sent calls is /readyz, which the balancer asks.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# Node itself is the first process, so that it gets the signals; it starts no others that it would have to bury.
CMD ["node", "--import", "tsx", "src/main.ts"]
