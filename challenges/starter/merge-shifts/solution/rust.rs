fn merge_shifts(mut shifts: Vec<Vec<i32>>) -> Result<Vec<Vec<i32>>, String> {
    if shifts.iter().any(|shift| shift[1] <= shift[0]) {
        return Err("bad shift".to_string());
    }
    shifts.sort(); // arrays are compared by their first elements first
    let mut lit: Vec<Vec<i32>> = Vec::new();
    for shift in shifts {
        match lit.last_mut() {
            Some(last) if shift[0] <= last[1] => last[1] = last[1].max(shift[1]),
            _ => lit.push(shift),
        }
    }
    Ok(lit)
}
