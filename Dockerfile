# The image of the service: one static program on a base without a shell.
#
#   docker build --build-arg VERSION=1.2.3 --build-arg REVISION="$(git rev-parse HEAD)" -t auth-service .
#
# For several architectures at once; Go compiles across them without emulation:
#
#   docker buildx build --platform linux/amd64,linux/arm64 …

# GO_VERSION equals the version in go.mod.
ARG GO_VERSION=1.26

FROM --platform=$BUILDPLATFORM docker.io/library/golang:${GO_VERSION}-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod \
    go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
ARG REVISION=""
ARG CREATED=""
# /data exists so that a new volume mounted there belongs to the user below.
RUN --mount=type=cache,target=/go/pkg/mod \
    --mount=type=cache,target=/root/.cache/go-build \
    settings=github.com/seed543b3b27/auth-service/bootstrap/service && \
    CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -buildvcs=false \
      -ldflags "-s -w -X ${settings}.version=${VERSION} -X ${settings}.revision=${REVISION} -X ${settings}.buildDate=${CREATED}" \
      -o /out/auth-service . && \
    mkdir /out/data

FROM gcr.io/distroless/static-debian12:nonroot
ARG VERSION=dev
ARG REVISION=""
ARG CREATED=""
LABEL org.opencontainers.image.title="auth-service" \
      org.opencontainers.image.description="Signs users in by e-mail address and password" \
      org.opencontainers.image.source="https://github.com/seed543b3b27/auth-service" \
      org.opencontainers.image.documentation="https://github.com/seed543b3b27/auth-service/blob/main/docs/operations.md" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.base.name="gcr.io/distroless/static-debian12:nonroot" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}"
COPY --from=build /out/auth-service /auth-service
COPY --from=build --chown=65532:65532 /out/data /data
COPY LICENSE NOTICE /licenses/
ENV HTTP_ADDR=:8000
EXPOSE 8000
# A number, so that Kubernetes can check that the user is not root.
USER 65532:65532
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["/auth-service", "healthcheck"]
ENTRYPOINT ["/auth-service"]
CMD ["serve"]
