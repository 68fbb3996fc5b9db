use std::io;

fn main() {
    let mut lines = io::stdin().lines().map(|line| line.unwrap());
    let name = lines.next().unwrap();
    let stop: u32 = lines.next().unwrap().trim().parse().unwrap();
    let minutes: u32 = lines.next().unwrap().trim().parse().unwrap();

    let when = match minutes {
        0 => "now".to_string(),
        1 => "in 1 minute".to_string(),
        n => format!("in {} minutes", n),
    };
    println!("Good morning, {}!", name);
    println!("Your train leaves {} from coach stop {}.", when, stop);
}
