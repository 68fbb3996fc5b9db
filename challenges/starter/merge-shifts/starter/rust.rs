fn merge_shifts(shifts: Vec<Vec<i32>>) -> Result<Vec<Vec<i32>>, String> {
    for shift in &shifts {
        if shift[1] <= shift[0] {
            return Err("bad shift".to_string());
        }
    }
    Ok(shifts)
}
