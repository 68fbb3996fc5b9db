use std::io;

fn main() {
    let mut lines = io::stdin().lines().map(|line| line.unwrap());
    let name = lines.next().unwrap();
    let _stop: u32 = lines.next().unwrap().trim().parse().unwrap();
    let _minutes: u32 = lines.next().unwrap().trim().parse().unwrap();

    println!("Good morning, {}!", name);
    // Now say when the train leaves.
}
