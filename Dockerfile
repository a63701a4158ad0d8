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
    && cargo build --locked --release

# 40 MB at most: every deployment may have to pull it.
COPY image image
RUN image/tree.sh target/release/aws-ecs-cluster /tree \
    && du --apparent-size --human-readable --summarize /tree \
    && test "$(du --apparent-size --bytes --summarize /tree | cut -f1)" -le 40000000

# From nothing rather than from a base image: image/tree.sh is the one list of what is there, and the tests start what it lays out.
# Linked with the C library rather than statically with musl, whose allocator and name resolution are slower and less complete, and
# for which the cryptography's C and assembly would need a compiler of its own.
FROM scratch
COPY --from=build /tree/ /
ENV PATH=/usr/local/bin
WORKDIR /massdriver
USER 10001:10001
ENTRYPOINT ["entrypoint.sh"]
