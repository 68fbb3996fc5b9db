use std::io::{self, Read};

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let numbers: Vec<f64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let count = numbers[0] as usize;
    let stops: Vec<(f64, f64)> = numbers[1..].chunks(2).map(|p| (p[0], p[1])).collect();
    let distance = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
    let depot = (0.0, 0.0);

    // best[visited][last]: the shortest way from the depot through the stops whose
    // bits are set in visited, ending at last. Smaller sets are smaller numbers.
    let mut best = vec![vec![f64::INFINITY; count]; 1 << count];
    for (i, &stop) in stops.iter().enumerate() {
        best[1 << i][i] = distance(depot, stop);
    }
    for visited in 1..1usize << count {
        for last in (0..count).filter(|i| visited >> i & 1 == 1) {
            for next in (0..count).filter(|i| visited >> i & 1 == 0) {
                let way = best[visited][last] + distance(stops[last], stops[next]);
                let entry = &mut best[visited | 1 << next][next];
                *entry = entry.min(way);
            }
        }
    }

    let all = &best[(1 << count) - 1];
    let rounds = all.iter().zip(&stops).map(|(way, &stop)| way + distance(stop, depot));
    let shortest = rounds.fold(f64::INFINITY, f64::min);
    println!("{:.9}", if count == 0 { 0.0 } else { shortest });
}
