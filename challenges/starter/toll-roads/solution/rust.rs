use std::cmp::Reverse;
use std::collections::BinaryHeap;

fn cheapest_trip(towns: i32, roads: Vec<Road>, coupons: i32) -> Option<i64> {
    let (towns, coupons) = (towns as usize, coupons as usize);
    let mut exits = vec![Vec::new(); towns];
    for road in &roads {
        exits[road.a as usize].push((road.b as usize, road.toll as i64));
        exits[road.b as usize].push((road.a as usize, road.toll as i64));
    }

    // Dijkstra; a place is a town together with the coupons used so far.
    let mut done = vec![vec![false; towns]; coupons + 1];
    let mut trips = BinaryHeap::new(); // Reverse: the cheapest is on top
    trips.push(Reverse((0i64, 0usize, 0usize)));
    while let Some(Reverse((paid, used, town))) = trips.pop() {
        if town == towns - 1 {
            return Some(paid);
        }
        if done[used][town] {
            continue;
        }
        done[used][town] = true;
        for &(there, toll) in &exits[town] {
            trips.push(Reverse((paid + toll, used, there)));
            if used < coupons {
                trips.push(Reverse((paid, used + 1, there)));
            }
        }
    }
    None
}
