//! The Markdown documents of this repository, and the shell commands that they tell readers to run.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use fancy_regex::Regex;

static SPAN: LazyLock<Regex> = LazyLock::new(|| Regex::new("`([^`]+)`").unwrap());
/// `${name:+words}`, words that are there only if the variable has a value.
static OPTIONAL: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\$\{\w+:\+([^}]*)\}").unwrap());
static HERE_DOCUMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?<!<)<<'?(\w+)").unwrap());
static ASSIGNMENT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\w+=").unwrap());
static REDIRECTION: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\d?(<|>>?)").unwrap());

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A Markdown file.
pub struct Document {
    /// Where it is.
    pub path: PathBuf,
    text: String,
}

/// All Markdown files, apart from what tools put into the repository.
pub fn all() -> Vec<Document> {
    let mut found = Vec::new();
    collect(&root(), &mut found);
    found
}

fn collect(folder: &Path, found: &mut Vec<Document>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            let hidden = name.starts_with('.') && name != ".github";
            if !hidden && name != "target" && name != "node_modules" {
                collect(&path, found);
            }
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(Document::read(path));
        }
    }
}

impl Document {
    /// Reads a file.
    pub fn read(path: PathBuf) -> Self {
        let text = fs::read_to_string(&path).unwrap();
        Self { path, text }
    }

    /// The lines outside blocks of code.
    pub fn prose(&self) -> String {
        self.lines(|language| language.is_none()).join("\n")
    }

    /// The code between backticks in the prose.
    pub fn spans(&self) -> Vec<String> {
        let prose = self.prose();
        let spans = SPAN.captures_iter(prose.as_str());
        spans
            .map(|found| found.unwrap().get(1).unwrap().as_str().to_owned())
            .collect()
    }

    /// The simple commands in the blocks of shell code, in their order.
    pub fn commands(&self) -> Vec<Vec<String>> {
        commands(&self.lines(|language| language == Some("sh")))
    }

    /// The simple commands between backticks in the prose.
    pub fn commands_in_prose(&self) -> Vec<Vec<String>> {
        let spans = self.spans();
        let words = spans.iter().filter_map(|span| shlex::split(span));
        words.flat_map(|words| simple(&words)).collect()
    }

    /// The lines whose block of code has such a language; `None` is prose.
    fn lines(&self, wanted: impl Fn(Option<&str>) -> bool) -> Vec<&str> {
        let mut language = None;
        let mut found = Vec::new();
        for line in self.text.lines() {
            if let Some(fence) = line.trim_start().strip_prefix("```") {
                language = language.is_none().then_some(fence);
            } else if wanted(language) {
                found.push(line);
            }
        }
        found
    }
}

/// The simple commands of shell code: their words, without quotes, comments, redirections and assignments. Words of the
/// shell itself, such as `do`, separate commands too. Substituted commands count, unless they are inside quotes.
pub fn commands(lines: &[&str]) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = lines.iter();
    let mut code = String::new();
    while let Some(line) = rest.next() {
        if !code.is_empty() {
            code.push('\n');
        }
        code.push_str(line);
        let expanded = OPTIONAL.replace_all(code.as_str(), "$1").replace("$(", " ; ");
        // An open quote or a backslash at the end: the command continues on the next line.
        let Some(words) = shlex::split(&expanded) else {
            continue;
        };
        if let Some(found) = HERE_DOCUMENT.captures(code.as_str()).unwrap() {
            rest.find(|line| line.trim() == found.get(1).unwrap().as_str())
                .expect("a here-document ends");
        }
        found.extend(simple(&words));
        code.clear();
    }
    assert!(code.is_empty(), "an open quote: {code}");
    found
}

fn simple(words: &[String]) -> Vec<Vec<String>> {
    const SEPARATORS: [&str; 14] = [
        "|", "||", "&&", ";", "&", "!", "(", "{", "}", "if", "then", "while", "do", "done",
    ];
    let mut found = vec![Vec::new()];
    let mut redirected = false;
    for word in words {
        let end = word.ends_with([';', ')']);
        let word = word.trim_start_matches('(').trim_end_matches([';', ')']);
        if SEPARATORS.contains(&word) {
            found.push(Vec::new());
        } else if std::mem::take(&mut redirected) {
            // The file's name.
        } else if REDIRECTION.is_match(word).unwrap() {
            redirected = word.ends_with(['<', '>']);
        } else if let Some(command) = found.last_mut()
            && !word.is_empty()
            && !(command.is_empty() && ASSIGNMENT.is_match(word).unwrap())
        {
            command.push(word.to_owned());
        }
        if end {
            found.push(Vec::new());
        }
    }
    found.retain(|command| !command.is_empty());
    found
}
