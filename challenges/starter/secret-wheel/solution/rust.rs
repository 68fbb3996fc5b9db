use std::env;
use std::io::{self, Read, Write};
use std::process::exit;

fn turn(byte: u8, shift: u8) -> u8 {
    match byte {
        b'a'..=b'z' => b'a' + (byte - b'a' + shift) % 26,
        b'A'..=b'Z' => b'A' + (byte - b'A' + shift) % 26,
        other => other,
    }
}

fn main() -> io::Result<()> {
    let args: Vec<String> = env::args().skip(1).collect();
    let shift = match args.as_slice() {
        [only] => only.parse::<i64>().ok(),
        _ => None,
    };
    let shift = match shift {
        Some(n) => n.rem_euclid(26) as u8, // 0 to 25, also for negative shifts
        None => {
            eprintln!("usage: wheel SHIFT");
            exit(2);
        }
    };
    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    for byte in text.iter_mut() {
        *byte = turn(*byte, shift);
    }
    io::stdout().write_all(&text)
}
