use std::io::{self, Read};

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let mut stops: Vec<(f64, f64)> = numbers[1..].chunks(2).map(|p| (p[0], p[1])).collect();

    // This is the round in the order of the input. Which order is the shortest?
    stops.push((0.0, 0.0));
    let mut here = (0.0, 0.0);
    let mut metres = 0.0;
    for there in stops {
        metres += f64::hypot(here.0 - there.0, here.1 - there.1);
        here = there;
    }
    println!("{:.9}", metres);
}
