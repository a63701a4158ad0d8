//! The life cycle of a whole cluster behind an AWS that takes its time and refuses what AWS refuses.

mod lags;
