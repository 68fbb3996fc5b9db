use std::collections::HashSet;

fn stamp_ways(postage: i32, stamps: Vec<i32>) -> String {
    let postage = postage as usize;
    let kinds: HashSet<usize> = stamps.into_iter().map(|value| value as usize).collect();
    let mut ways = vec![0u128; postage + 1]; // 38 digits fit
    ways[0] = 1; // nothing to pay: one way
    for value in kinds {
        // one kind after the other: mixtures, not orders
        for amount in value..=postage {
            ways[amount] += ways[amount - value];
        }
    }
    ways[postage].to_string()
}
