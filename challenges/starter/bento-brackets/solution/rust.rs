fn first_spoiled(recipe: String) -> Option<i32> {
    let mut open: Vec<(u8, i32)> = Vec::new(); // the lid a box needs, where it was opened
    for (at, sign) in recipe.bytes().enumerate() {
        match sign {
            b'(' => open.push((b')', at as i32)),
            b'[' => open.push((b']', at as i32)),
            b'{' => open.push((b'}', at as i32)),
            b')' | b']' | b'}' => match open.pop() {
                Some((lid, _)) if lid == sign => {}
                _ => return Some(at as i32),
            },
            _ => {}
        }
    }
    open.first().map(|&(_, at)| at)
}
