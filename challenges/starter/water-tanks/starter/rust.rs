use std::io::{self, Read};

fn main() {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).unwrap();
    let mut words = text.split_whitespace();
    let _tanks: usize = words.next().unwrap().parse().unwrap();
    let _commands = words.next();

    while let Some(what) = words.next() {
        let _left: usize = words.next().unwrap().parse().unwrap();
        let _right: usize = words.next().unwrap().parse().unwrap();
        if what == "add" {
            let _litres: i64 = words.next().unwrap().parse().unwrap();
            // pour
        } else {
            println!("0");
        }
    }
}
