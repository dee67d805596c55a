import com.gargoylesoftware.htmlunit.BrowserVersion;
import com.gargoylesoftware.htmlunit.HttpMethod;
import com.gargoylesoftware.htmlunit.Page;
import com.gargoylesoftware.htmlunit.StringWebResponse;
import com.gargoylesoftware.htmlunit.WebClient;
import com.gargoylesoftware.htmlunit.WebRequest;
import com.gargoylesoftware.htmlunit.WebResponse;
import com.gargoylesoftware.htmlunit.html.DomElement;
import com.gargoylesoftware.htmlunit.html.HtmlInput;
import com.gargoylesoftware.htmlunit.html.HtmlPage;
import com.gargoylesoftware.htmlunit.util.NameValuePair;
import com.gargoylesoftware.htmlunit.util.WebConnectionWrapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/* HtmlUnit behind lines of text: "open URL", "post URL BODY", "text ID VALUE", "click ID", parts separated by tabs. Each is answered by "ok", the address
 * now shown, the HTTP status and the page's ids, or by "failed" and why. What goes to another origin than the first argument's is not sent; the address that
 * is shown then carries the parameters, those of a posted form too. The second argument is "script" or "plain". */
public class Headless {
	private static String elsewhere = "";

	public static void main(String[] arguments) throws IOException {
		String origin = arguments[0];
		WebClient client = new WebClient(BrowserVersion.getDefault());
		client.getOptions().setJavaScriptEnabled(arguments[1].equals("script"));
		client.getOptions().setThrowExceptionOnScriptError(true);
		client.getOptions().setThrowExceptionOnFailingStatusCode(false);
		new WebConnectionWrapper(client) {
			@Override
			public WebResponse getResponse(WebRequest request) throws IOException {
				if (request.getUrl().toString().startsWith(origin + "/"))
					return super.getResponse(request);
				elsewhere = addressOf(request);
				return new StringWebResponse("<html><body>elsewhere</body></html>", request.getUrl());
			}
		};
		BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
		for (String line = lines.readLine(); line != null; line = lines.readLine())
			System.out.println(answer(client, line.split("\t", -1)).replace("\n", " "));
		client.close();
		System.exit(0); // whatever a page's script still waits for
	}

	private static String addressOf(WebRequest request) {
		if (request.getHttpMethod() != HttpMethod.POST)
			return request.getUrl().toString();
		List<String> pairs = new ArrayList<>();
		for (NameValuePair pair : request.getRequestParameters())
			pairs.add(encoded(pair.getName()) + "=" + encoded(pair.getValue()));
		return request.getUrl() + "?" + String.join("&", pairs);
	}

	private static String encoded(String text) {
		return URLEncoder.encode(text, StandardCharsets.UTF_8);
	}

	private static String answer(WebClient client, String[] parts) {
		try {
			elsewhere = "";
			act(client, parts);
			client.waitForBackgroundJavaScript(2000);
			Page page = client.getCurrentWindow().getEnclosedPage();
			String address = elsewhere.isEmpty() ? page.getUrl().toString() : elsewhere;
			return "ok\t" + address + "\t" + page.getWebResponse().getStatusCode() + "\t" + ids(page);
		} catch (Exception problem) {
			return "failed\t" + problem;
		}
	}

	private static void act(WebClient client, String[] parts) throws IOException {
		if (parts[0].equals("open")) {
			client.getPage(parts[1]);
		} else if (parts[0].equals("post")) {
			WebRequest request = new WebRequest(new URL(parts[1]), HttpMethod.POST);
			request.setAdditionalHeader("Content-Type", "application/x-www-form-urlencoded");
			request.setRequestBody(parts[2]);
			client.getPage(request);
		} else {
			DomElement element = ((HtmlPage) client.getCurrentWindow().getEnclosedPage()).getHtmlElementById(parts[1]);
			if (!element.isDisplayed())
				throw new IOException(parts[1] + " cannot be seen");
			if (parts[0].equals("text"))
				((HtmlInput) element).setValueAttribute(parts[2]);
			else
				element.click();
		}
	}

	private static String ids(Page page) {
		if (!(page instanceof HtmlPage))
			return "";
		List<DomElement> found = ((HtmlPage) page).getByXPath("//*[@id]");
		return found.stream().map(DomElement::getId).collect(Collectors.joining(" "));
	}
}
