//! All tests of the product, in one binary: each further one would link the whole SDK again.

mod cluster;
mod inputs;
mod life;
mod support;
