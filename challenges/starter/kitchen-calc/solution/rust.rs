/// One method per line of the grammar; all of them move `at` forward.
struct Parser<'a> {
    text: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at) == Some(&b' ') {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }

    fn take(&mut self, sign: u8) -> bool {
        let found = self.peek() == Some(sign);
        self.at += found as usize;
        found
    }

    fn sum(&mut self) -> Result<i64, String> {
        let mut left = self.product()?;
        loop {
            if self.take(b'+') {
                left += self.product()?;
            } else if self.take(b'-') {
                left -= self.product()?;
            } else {
                return Ok(left);
            }
        }
    }

    fn product(&mut self) -> Result<i64, String> {
        let mut left = self.value()?;
        loop {
            if self.take(b'*') {
                left *= self.value()?;
            } else if self.take(b'/') {
                // checked_div cuts towards zero and is None for a divisor of 0
                left = left.checked_div(self.value()?).ok_or("division by zero")?;
            } else {
                return Ok(left);
            }
        }
    }

    fn value(&mut self) -> Result<i64, String> {
        if self.take(b'-') {
            return Ok(-self.value()?);
        }
        if self.take(b'(') {
            let inner = self.sum()?;
            return if self.take(b')') { Ok(inner) } else { Err("syntax error: a bracket is missing".into()) };
        }
        self.peek();
        let digits: String =
            self.text[self.at..].iter().map(|&byte| byte as char).take_while(char::is_ascii_digit).collect();
        self.at += digits.len();
        digits.parse().map_err(|_| "syntax error: a value is missing".to_string())
    }
}

fn calculate(text: String) -> Result<i64, String> {
    let mut parser = Parser { text: text.as_bytes(), at: 0 };
    let value = parser.sum()?;
    match parser.peek() {
        None => Ok(value),
        Some(_) => Err("syntax error: something is left over".to_string()),
    }
}
