use std::io::{self, Read};

/// Sums from the start, and changes at one place, in about log2(size) steps.
struct Fenwick(Vec<i64>);

impl Fenwick {
    fn add(&mut self, mut at: usize, value: i64) {
        while at < self.0.len() {
            self.0[at] += value;
            at += at & at.wrapping_neg();
        }
    }

    fn first(&self, mut at: usize) -> i64 {
        let mut sum = 0;
        while at > 0 {
            sum += self.0[at];
            at &= at - 1;
        }
        sum
    }
}

/// The first i tanks hold  i * factor.first(i) - constant.first(i)  litres.
struct Tanks {
    factor: Fenwick,
    constant: Fenwick,
}

impl Tanks {
    fn pour_from(&mut self, at: usize, litres: i64) {
        self.factor.add(at, litres);
        self.constant.add(at, litres * (at as i64 - 1));
    }

    fn litres_upto(&self, at: usize) -> i64 {
        at as i64 * self.factor.first(at) - self.constant.first(at)
    }
}

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let mut words = text.split_whitespace();
    let size: usize = words.next().unwrap().parse().unwrap();
    let _commands = words.next();

    let mut tanks = Tanks {
        factor: Fenwick(vec![0; size + 2]),
        constant: Fenwick(vec![0; size + 2]),
    };
    while let Some(what) = words.next() {
        let left: usize = words.next().unwrap().parse().unwrap();
        let right: usize = words.next().unwrap().parse().unwrap();
        if what == "add" {
            let litres: i64 = words.next().unwrap().parse().unwrap();
            tanks.pour_from(left, litres);
            tanks.pour_from(right + 1, -litres);
        } else {
            println!("{}", tanks.litres_upto(right) - tanks.litres_upto(left - 1));
        }
    }
}
