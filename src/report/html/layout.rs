//! Places a graph in columns, what is needed to the left of what needs it, with few crossings and no line behind a box.

use std::collections::BTreeSet;

/// How often the order within the columns is improved; more makes no difference to graphs of this size.
const SWEEPS: usize = 8;
/// The room that a line takes where it passes through a column, in rows.
const LANE: f64 = 0.4;

/// To which side of a place one looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Needed,
    Needing,
}

/// Columns are whole numbers, rows need not be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    pub column: usize,
    pub row: f64,
}

#[derive(Debug)]
pub struct Layout {
    /// Where each node is; rows count from 0.
    pub nodes: Vec<Place>,
    /// Each line from a need, through the columns in between, to what needs it. Needs that follow from others are left out.
    pub lines: Vec<Vec<Place>>,
}

/// The nodes are numbers, `needs[n]` what `n` needs. A need that comes later than `n` closes a circle, and is left out.
#[must_use]
pub fn layout(needs: &[BTreeSet<usize>]) -> Layout {
    let needs: Vec<BTreeSet<usize>> =
        needs.iter().enumerate().map(|(node, needs)| needs.iter().copied().filter(|need| *need < node).collect()).collect();
    let mut board = Board { columns: columns(&needs), links: Vec::new(), nodes: needs.len() };
    let chains: Vec<Vec<usize>> = edges(&needs).into_iter().map(|(need, node)| board.connect(need, node)).collect();
    let rows = board.rows();
    let place = |id: usize| Place { column: board.columns[id], row: rows[id] };
    Layout {
        nodes: (0..needs.len()).map(place).collect(),
        lines: chains.into_iter().map(|chain| chain.into_iter().map(place).collect()).collect(),
    }
}

/// The needs that do not follow from others.
fn edges(needs: &[BTreeSet<usize>]) -> Vec<(usize, usize)> {
    let mut reach: Vec<BTreeSet<usize>> = Vec::new();
    for own in needs {
        let further = own.iter().flat_map(|need| reach[*need].iter().copied());
        let all = further.chain(own.iter().copied()).collect();
        reach.push(all);
    }
    let follows = |node: usize, need: usize| needs[node].iter().any(|other| reach[*other].contains(&need));
    let all = needs.iter().enumerate().flat_map(|(node, own)| own.iter().map(move |need| (*need, node)));
    all.filter(|(need, node)| !follows(*node, *need)).collect()
}

fn columns(needs: &[BTreeSet<usize>]) -> Vec<usize> {
    let mut columns: Vec<usize> = Vec::new();
    for own in needs {
        columns.push(own.iter().map(|need| columns[*need] + 1).max().unwrap_or(0));
    }
    columns
}

/// Nodes, and the places where lines pass through columns.
struct Board {
    columns: Vec<usize>,
    /// Between neighbouring columns, from left to right.
    links: Vec<(usize, usize)>,
    /// How many of the places are nodes: the first.
    nodes: usize,
}

impl Board {
    /// The places from one node to another, made where there are none.
    fn connect(&mut self, need: usize, node: usize) -> Vec<usize> {
        let mut chain = vec![need];
        for column in self.columns[need] + 1..self.columns[node] {
            self.columns.push(column);
            chain.push(self.columns.len() - 1);
        }
        chain.push(node);
        self.links.extend(chain.windows(2).map(|pair| (pair[0], pair[1])));
        chain
    }

    fn rows(&self) -> Vec<f64> {
        let last = self.columns.iter().copied().max().unwrap_or(0);
        let within = |column: usize| (0..self.columns.len()).filter(|id| self.columns[*id] == column).collect::<Vec<_>>();
        let mut order: Vec<Vec<usize>> = (0..=last).map(within).collect();
        let mut rows = vec![0.0; self.columns.len()];
        for ids in &order {
            self.stack(ids, &mut rows, |_| None);
        }
        for sweep in 0..SWEEPS {
            let side = if sweep % 2 == 0 { Side::Needed } else { Side::Needing };
            for step in 0..=last {
                let ids = &mut order[if side == Side::Needed { step } else { last - step }];
                let before = rows.clone();
                let ideal = |id: usize| mean(self.neighbours(id, side).map(|other| before[other]));
                ids.sort_by(|one, other| ideal(*one).unwrap_or(before[*one]).total_cmp(&ideal(*other).unwrap_or(before[*other])));
                self.stack(ids, &mut rows, ideal);
            }
        }
        let top = rows[..self.nodes].iter().copied().fold(f64::INFINITY, f64::min);
        rows.iter().map(|row| row - top).collect()
    }

    fn neighbours(&self, id: usize, side: Side) -> impl Iterator<Item = usize> {
        self.links.iter().filter_map(move |(left, right)| match side {
            Side::Needed if *right == id => Some(*left),
            Side::Needing if *left == id => Some(*right),
            _ => None,
        })
    }

    /// Puts places below each other, each as near to its ideal row as those above allow.
    fn stack(&self, ids: &[usize], rows: &mut [f64], ideal: impl Fn(usize) -> Option<f64>) {
        let half = |id: usize| if id < self.nodes { 0.5 } else { LANE / 2.0 };
        let mut free: Option<f64> = None;
        for id in ids {
            let least = free.map(|free| free + half(*id));
            let wanted = ideal(*id).or(least).unwrap_or(0.0);
            rows[*id] = least.map_or(wanted, |least| wanted.max(least));
            free = Some(rows[*id] + half(*id));
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, number) = values.fold((0.0, 0.0), |(sum, number), value| (sum + value, number + 1.0));
    (number > 0.0).then(|| sum / number)
}
