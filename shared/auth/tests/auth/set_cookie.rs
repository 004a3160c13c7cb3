/// A `Set-Cookie` value, taken apart.
pub(crate) struct SetCookie<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
    /// In seconds.
    pub(crate) max_age: u64,
}

impl<'a> SetCookie<'a> {
    pub(crate) fn parse(text: &'a str) -> Self {
        let (pair, attributes) = text.split_once("; ").unwrap();
        let (name, value) = pair.split_once('=').unwrap();
        let max_age = attributes
            .split("; ")
            .find_map(|attribute| attribute.strip_prefix("Max-Age="));
        Self {
            name,
            value,
            max_age: max_age.unwrap().parse().unwrap(),
        }
    }

    /// As a browser sends it back.
    pub(crate) fn pair(&self) -> String {
        format!("{}={}", self.name, self.value)
    }
}
