# The provisioner's image: the binary, its C library and the certificate authorities. It has no shell and needs none.

# The compiler's version is that of rust-toolchain.toml, which is left out so that rustup downloads nothing here.
FROM rust:1.95-bookworm AS build
WORKDIR /build

# The dependencies in a layer of their own, against empty sources: it is made anew only when one of them changes.
COPY Cargo.toml Cargo.lock ./
RUN mkdir -p src tests/it \
    && echo 'fn main() {}' | tee src/main.rs > tests/it/main.rs \
    && touch src/lib.rs \
    && cargo build --locked --release

COPY src src
# Cargo goes by the files' times, and those of the empty sources may be later.
RUN touch src/main.rs src/lib.rs \
    && cargo build --locked --release \
    && install -D target/release/aws-ecs-cluster /out/aws-ecs-cluster \
    && ln -s aws-ecs-cluster /out/entrypoint.sh

FROM gcr.io/distroless/cc-debian12
# The platform calls entrypoint.sh on PATH. Here that is the binary itself: without a command it does what
# MASSDRIVER_DEPLOYMENT_ACTION says.
COPY --from=build /out/ /usr/local/bin/
WORKDIR /massdriver
USER 10001:10001
ENTRYPOINT ["entrypoint.sh"]
