use std::env;
use std::io::{self, Read, Write};

fn main() -> io::Result<()> {
    // The first one is the program itself; the arguments follow it.
    let _args: Vec<String> = env::args().skip(1).collect();

    let mut text = Vec::new();
    io::stdin().read_to_end(&mut text)?;
    io::stdout().write_all(&text) // turn the letters; what if the argument is bad?
}
