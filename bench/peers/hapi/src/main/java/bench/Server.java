package bench;

import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.JpaSystemProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import java.nio.file.Files;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;

/**
 * HAPI's JPA server for R4 on one port of this machine, and nothing beside it: no sign-in, no
 * consent, no audit, no validation of what comes in, no logging of requests.
 *
 * <p>In: the properties `peer.port`, `peer.jdbc`, `peer.user`, and `PEER_PASSWORD` of the
 * environment. Runs until it is ended.
 */
public final class Server {

    private Server() {}

    public static void main(String[] arguments) throws Exception {
        var beans = new AnnotationConfigApplicationContext(Storage.class);
        var server = new RestfulServer(beans.getBean(IFhirSystemDao.class).getContext());
        server.registerProviders(beans.getBean(ResourceProviderFactory.class).createProviders());
        server.registerProvider(beans.getBean(JpaSystemProvider.class));
        server.setPagingProvider(beans.getBean(DatabaseBackedPagingProvider.class));
        server.setDefaultResponseEncoding(EncodingEnum.JSON);

        var tomcat = new Tomcat();
        tomcat.setBaseDir(Files.createTempDirectory("peer").toString());
        tomcat.setHostname("127.0.0.1");
        tomcat.setPort(Integer.getInteger("peer.port"));
        tomcat.getConnector().setProperty("address", "127.0.0.1");
        tomcat.getConnector().setProperty("maxKeepAliveRequests", "-1");
        Context context = tomcat.addContext("", null);
        Tomcat.addServlet(context, "fhir", server).setLoadOnStartup(1);
        context.addServletMappingDecoded("/fhir/*", "fhir");
        tomcat.start();
        tomcat.getServer().await();
    }
}
